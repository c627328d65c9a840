// include/fs/epoll_abi.h - Linux's structures and constants of epoll
// SPDX-License-Identifier: MIT
//
// There they are of a type of their own, which poll(2)'s are not: it would take
// a cast wherever the two meet.
#pragma once

#include <base/types.h>
#include <linux/types.h>

#define __poll_t u32
#include <linux/eventpoll.h>
