/*
 * What the executable needs beside musl's C library; docs/decisions has why it is linked with that one.
 */
#include <stdarg.h>
#include <stdio.h>

/* The start of the program's data, which the headers of objects count from (literals.h). musl names none; this
 * file is linked first. It is not zero, or it would not be in .data. */
char __data_start[8] __attribute__((aligned(8))) = {1};

/* Debian compiles libseccomp for glibc with checks of buffers, and this is the one check it calls. */
int __fprintf_chk(FILE *file, int flag, const char *format, ...) {
    va_list arguments;
    (void) flag;
    va_start(arguments, format);
    int written = vfprintf(file, format, arguments);
    va_end(arguments);
    return written;
}
