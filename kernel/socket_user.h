// kernel/socket_user.h - addresses of sockets as programs give and take them
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/socket.h>

// socket_address_get - Return: 0; -EINVAL; -EFAULT.
__must_check int socket_address_get(struct socket_address *out,
                                    const void __user *from, s32 bytes);
// socket_address_put - what fits into *@bytes, which becomes what there is.
// Return: 0; -EINVAL; -EFAULT.
__must_check int socket_address_put(const struct socket_address *address,
                                    void __user *to, s32 __user *bytes);
