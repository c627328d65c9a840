// efi/sbat.S - which generation of the stub this is, for Secure Boot's revoking
// SPDX-License-Identifier: MIT
//
// A loader that checks signatures (shim) refuses a program without this section
// of comma-separated text. Source: rhboot/shim, SBAT.md, "SBAT format".

    .section .sbat, "a", @progbits
    .balign 4096
    .ascii "sbat,1,SBAT Version,sbat,1,"
    .ascii "https://github.com/rhboot/shim/blob/main/SBAT.md\n"
    .ascii "faultline,1,Faultline,faultline-stub,1,-\n"
    .balign 512, 0

    .section .note.GNU-stack, "", @progbits
