/*
 * String literals that are whole in the file. TeaVM leaves their object headers to the start of the program,
 * which then writes into every page of them: 1.1 MB of memory of its own in each process, 0.2 ms of each start.
 *
 * A header is the distance of the object's class from __data_start, known once the program is linked; "link"
 * therefore links twice, and defines STRING_HEADER and CHARS_HEADER for the second time. The sign bit says
 * "marked": the garbage collector neither follows nor writes such an object, and it may be read-only.
 */
#include "string.h"

#define TEAVM_LITERAL(length, hash, ...) &(TeaVM_String) { \
    .parent = { .header = STRING_HEADER }, \
    .characters = (TeaVM_Array*) &(struct { TeaVM_Array hdr; char16_t data[(length) + 1]; }) { \
        .hdr = { .parent = { .header = CHARS_HEADER }, .size = length }, \
        .data = __VA_ARGS__ \
    }, \
    .hashCode = INT32_C(hash) \
}
#undef TEAVM_STRING
#undef TEAVM_STRING_FROM_CODES
#define TEAVM_STRING(length, hash, s) TEAVM_LITERAL(length, hash, s)
#define TEAVM_STRING_FROM_CODES(length, hash, ...) TEAVM_LITERAL(length, hash, { __VA_ARGS__ })
