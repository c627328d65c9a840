// kernel/rtc.c - the CMOS clock, read once at boot
// SPDX-License-Identifier: MIT
//
// The clock is read twice, outside of its update cycle, until both readings
// are the same. It is taken for UTC and for years 2000 to 2099: the place of
// the century differs between machines. Where the firmware's tables say that
// there is none, its ports are left alone; where nobody answers, they read as
// all ones, an update that does not end.
//
// Source: MC146818A data sheet, "Update cycle", registers A and B.

#include <kernel/time.h>

#include <arch/io.h>
#include <arch/platform.h>
#include <base/bits.h>
#include <base/errno.h>
#include <lib/string.h>

enum rtc_port {
    RTC_INDEX = 0x70,
    RTC_DATA = 0x71,
};

enum rtc_register {
    RTC_SECONDS = 0x00,
    RTC_MINUTES = 0x02,
    RTC_HOURS = 0x04,
    RTC_DAY = 0x07,
    RTC_MONTH = 0x08,
    RTC_YEAR = 0x09,
    RTC_A = 0x0a,
    RTC_B = 0x0b,
};

#define RTC_A_UPDATING 0x80u
#define RTC_B_BINARY   0x04u
#define RTC_B_24_HOURS 0x02u
#define RTC_HOUR_PM    0x80u

#define UPDATE_POLL_US   50u
#define UPDATE_POLLS_MAX 100u // an update takes 2 ms
#define READINGS_MAX     5u

struct rtc_date {
    u32 seconds, minutes, hours, day, month, year;
};

static u32 rtc_read(u8 reg)
{
    outb(RTC_INDEX, reg);
    return inb(RTC_DATA);
}

static int read_raw(struct rtc_date *out)
{
    u32 polls = 0;

    while (rtc_read(RTC_A) & RTC_A_UPDATING) {
        if (++polls > UPDATE_POLLS_MAX)
            return -ETIMEDOUT;
        time_delay_us(UPDATE_POLL_US);
    }
    *out = (struct rtc_date){
        .seconds = rtc_read(RTC_SECONDS),
        .minutes = rtc_read(RTC_MINUTES),
        .hours = rtc_read(RTC_HOURS),
        .day = rtc_read(RTC_DAY),
        .month = rtc_read(RTC_MONTH),
        .year = rtc_read(RTC_YEAR),
    };
    return 0;
}

static u32 from_bcd(u32 v)
{
    return (v & 0xfu) + (v >> 4) * 10;
}

static void decode(struct rtc_date *d, u32 b)
{
    bool pm = !(b & RTC_B_24_HOURS) && (d->hours & RTC_HOUR_PM);

    if (!(b & RTC_B_24_HOURS))
        d->hours &= ~RTC_HOUR_PM;
    if (!(b & RTC_B_BINARY)) {
        d->seconds = from_bcd(d->seconds);
        d->minutes = from_bcd(d->minutes);
        d->hours = from_bcd(d->hours);
        d->day = from_bcd(d->day);
        d->month = from_bcd(d->month);
        d->year = from_bcd(d->year);
    }
    if (!(b & RTC_B_24_HOURS))
        d->hours = d->hours % 12 + (pm ? 12 : 0);
    d->year += 2000;
}

static bool sensible(const struct rtc_date *d)
{
    return d->seconds < 60 && d->minutes < 60 && d->hours < 24 && d->day >= 1 &&
           d->day <= 31 && d->month >= 1 && d->month <= 12 && d->year < 2100;
}

// Days from 1970-01-01; between 2000 and 2099 every fourth year is a leap year.
static u32 days_since_1970(const struct rtc_date *d)
{
    static const u16 before_month[12] = {0,   31,  59,  90,  120, 151,
                                         181, 212, 243, 273, 304, 334};
    u32 years = d->year - 2000;
    u32 days = 10957 + years * 365 + DIV_ROUND_UP(years, 4u); // 30 years first

    days += before_month[d->month - 1] + d->day - 1;
    return days + (years % 4 == 0 && d->month > 2 ? 1 : 0);
}

int rtc_read_seconds(u64 *out)
{
    struct rtc_date last, now;
    int error;

    if (!platform.legacy.has_rtc || platform.legacy.hardware_reduced)
        return -ENODEV;
    error = read_raw(&now);
    for (u32 i = 0; !error; i++) {
        if (i == READINGS_MAX)
            return -ETIMEDOUT;
        last = now;
        error = read_raw(&now);
        if (!error && memcmp(&last, &now, sizeof(now)) == 0)
            break;
    }
    if (error)
        return error;
    decode(&now, rtc_read(RTC_B));
    if (!sensible(&now))
        return -EIO;
    *out = (u64)days_since_1970(&now) * 86400 + now.hours * 3600 +
           now.minutes * 60 + now.seconds;
    return 0;
}
