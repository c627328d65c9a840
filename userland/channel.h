// userland/channel.h - the test channel, guest side
// SPDX-License-Identifier: MIT
#pragma once

// channel_serve - serve commands from the host on a serial port.
// @tty: name below /dev, as in faultline.run=ttyS1.
// Returns only when the channel cannot be used or the host broke the protocol:
// the exit status for the serving process. On "OFF" it asks init (process 1)
// to power off and waits for it.
int channel_serve(const char *tty);
