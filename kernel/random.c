// kernel/random.c - unpredictable bytes
// SPDX-License-Identifier: MIT
//
// How it works: a key of 256 bits and a generator, ChaCha20. Of each block, the
// first half becomes the next key and the second half goes out, so that what
// went out cannot be computed from what is in memory now ("fast key erasure").
// Mixing in exclusive-ors the data into the key and steps on.
//
// Where the key comes from: RDRAND where the CPU has it; the time of day; and
// the low bits of the time stamp counter across work whose duration varies with
// caches, interrupts and (under an emulator) the host, 1024 samples of it. Each
// request mixes in the counter once more. Without RDRAND the quality right at
// boot is that of the samples: nobody measures it, and getrandom never blocks.
//
// Locking: tasks only, no sleep while the key is in use.

#include <kernel/random.h>

#include <arch/cpu.h>
#include <arch/cpuid.h>
#include <base/bits.h>
#include <kernel/chacha20.h>
#include <kernel/sys_fs.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/random.h>

#define KEY_BYTES      (CHACHA20_KEY_WORDS * 4)
#define JITTER_SAMPLES 1024u

static u32 key[CHACHA20_KEY_WORDS];
static u32 nonce[3]; // counts blocks; the keys differ anyway

// The key steps on. @out: 32 bytes.
static void next_block(void *out)
{
    u32 block[CHACHA20_BLOCK_WORDS];

    if (++nonce[0] == 0)
        nonce[1]++;
    chacha20_block(key, 0, nonce, block);
    memcpy(key, block, KEY_BYTES);
    memcpy(out, block + CHACHA20_KEY_WORDS, KEY_BYTES);
    memset(block, 0, sizeof(block));
    barrier(); // the stack is cleared, whatever the compiler thinks of it
}

void random_mix(const void *data, u32 bytes)
{
    u32 words[CHACHA20_KEY_WORDS], here, i;

    for (; bytes; bytes -= here, data = (const u8 *)data + here) {
        here = min(bytes, (u32)KEY_BYTES);
        memset(words, 0, sizeof(words));
        memcpy(words, data, here);
        for (i = 0; i < CHACHA20_KEY_WORDS; i++)
            key[i] ^= words[i];
        next_block(words);
    }
}

static u64 clock_sample(void)
{
    return cpu_has(CPU_TSC) ? cpu_tsc() : time_ns();
}

static void mix_rdrand(void)
{
    u32 words[CHACHA20_KEY_WORDS], i;

    if (!cpu_hwcap() || !(cpuid_leaf(CPUID_FEATURES).ecx & CPUID_ECX_RDRAND))
        return;
    for (i = 0; i < CHACHA20_KEY_WORDS; i++)
        if (!cpu_rdrand(&words[i]))
            return;
    random_mix(words, sizeof(words));
}

void random_init(void)
{
    u64 sample = time_wall_ns();
    u32 i;

    random_mix(&sample, sizeof(sample));
    mix_rdrand();
    for (i = 0; i < JITTER_SAMPLES; i++) {
        sample = clock_sample();
        random_mix(&sample, sizeof(sample)); // is also the work in between
    }
}

void random_bytes(void *buf, u32 bytes)
{
    u8 block[KEY_BYTES];
    u64 sample = clock_sample();
    u32 here;

    random_mix(&sample, sizeof(sample));
    for (; bytes; bytes -= here, buf = (u8 *)buf + here) {
        here = min(bytes, (u32)KEY_BYTES);
        next_block(block);
        memcpy(buf, block, here);
    }
}

ssize_t random_to_user(void __user *buf, u32 bytes)
{
    u8 __user *to = buf;
    u8 chunk[256];
    u32 done, here;

    for (done = 0; done < bytes; done += here) {
        here = min(bytes - done, (u32)sizeof(chunk));
        random_bytes(chunk, here);
        if (copy_to_user(to + done, chunk, here))
            return done ? (ssize_t)done : -EFAULT;
        if (task_fatal_pending(current))
            return (ssize_t)(done + here);
        cond_resched();
    }
    return (ssize_t)done;
}

s32 sys_getrandom(void __user *buf, u32 bytes, u32 flags)
{
    if (flags & ~(u32)(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
        return -EINVAL;
    return random_to_user(buf, min(bytes, 0x7ffff000u));
}
