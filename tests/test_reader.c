/* Readers. */
#include "random.h"
#include "world.h"

typedef cedo_reader_of(16) reader_type;
static reader_type object = CEDO_READER_INIT(object, 8);
static cedo_reader *const reader = &object.reader;

enum { BROKEN = CEDO_EUSER - 1 };

static void begin(size_t limit)
{
    open_world();
    ck_assert_int_eq(cedo_reader_init(&object, limit), CEDO_OK);
}

/* All of it is taken. */
static void feed(const char *text)
{
    ck_assert_uint_eq(cedo_reader_feed(reader, text, strlen(text)), strlen(text));
}

/* ------------------------------------------------------------- a read */

enum kind { SOME, ALL, EXACTLY, LINE, UNTIL };

struct reading {
    cedo_coro coro;
    enum kind kind;
    size_t size; /* or how many separators */
    const cedo_bytes *ends;
    cedo_bytes bytes;
    int status;
};

/* Of what was read, with $ for a newline; "-" for nothing. */
static const char *shown(cedo_bytes bytes)
{
    static char text[64];
    for (size_t i = 0; i < bytes.len; i++) text[i] = bytes.data[i] == '\n' ? '$' : bytes.data[i];
    text[bytes.len] = '\0';
    return bytes.len ? text : "-";
}

static cedo_async(reading)
{
    cedo_body(struct reading, self) {
        if (self->kind == SOME)
            cedo_catch(self->status, cedo_reader_read(reader, &self->bytes, self->size));
        else if (self->kind == ALL)
            cedo_catch(self->status, cedo_reader_read_all(reader, &self->bytes));
        else if (self->kind == EXACTLY)
            cedo_catch(self->status, cedo_reader_read_exactly(reader, &self->bytes, self->size));
        else if (self->kind == LINE)
            cedo_catch(self->status, cedo_reader_read_line(reader, &self->bytes));
        else
            cedo_catch(self->status,
                       cedo_reader_read_until(reader, &self->bytes, self->ends, self->size));
        if (self->status == CEDO_OK)
            mark("%s", shown(self->bytes));
        else if (self->status == CEDO_END)
            mark("end%s", shown(self->bytes));
        else if (self->status == CEDO_EEOF)
            mark("incomplete:%s", shown(self->bytes));
        else if (self->status == CEDO_ELIMIT)
            mark("limit:%u", (unsigned)cedo_reader_consumed(reader));
        else
            mark("%s", self->status == CEDO_EBUSY       ? "busy"
                       : self->status == CEDO_EINVAL    ? "invalid"
                       : self->status == CEDO_ECANCELED ? "cancelled"
                       : self->status == BROKEN         ? "broken"
                                                        : "?");
    }
}

static cedo_task_of(reading) task;

/* A read, and what it marks without waiting. */
#define ck_read(expected, ...) \
    do { \
        static cedo_task_of(reading) now_; \
        start(&now_, reading, __VA_ARGS__); \
        turns(1); \
        ck_trail(expected); \
        ck_assert(cedo_task_done(&now_.task)); \
    } while (0)

/* ------------------------------------------------------------- asyncio's statements */

START_TEST(READER_01_read_gives_what_is_there)
{
    begin(8);
    feed("hello world");
    ck_read("hello", .kind = SOME, .size = 5);
    ck_read("-", .kind = SOME, .size = 0);
    ck_read(" world", .kind = SOME, .size = 100);
    ck_read("-", .kind = SOME, .size = 0);
    start(&task, reading, .kind = SOME, .size = 100);
    turns(2);
    ck_trail("");
    feed("x");
    turns(1);
    ck_trail("x");
    start(&task, reading, .kind = ALL);
    turns(1);
    feed("ab");
    turns(1);
    feed("cd");
    turns(1);
    ck_trail("");
    cedo_reader_feed_eof(reader);
    turns(1);
    ck_trail("abcd");
    ck_read("end-", .kind = SOME, .size = 5);
    ck_read("-", .kind = SOME, .size = 0);
    ck_read("end-", .kind = ALL);
    ck_read("end-", .kind = LINE);
    close_world();
}
END_TEST

START_TEST(READER_02_at_eof_is_true_when_all_was_read)
{
    begin(8);
    ck_assert(!cedo_reader_at_eof(reader));
    feed("ab");
    cedo_reader_feed_eof(reader);
    cedo_reader_feed_eof(reader);
    ck_assert(!cedo_reader_at_eof(reader));
    ck_read("a", .kind = SOME, .size = 1);
    ck_assert(!cedo_reader_at_eof(reader));
    ck_read("b", .kind = SOME, .size = 1);
    ck_assert(cedo_reader_at_eof(reader));
    close_world();
}
END_TEST

START_TEST(READER_03_read_exactly_waits_and_takes_the_rest_at_the_end)
{
    begin(2);
    ck_read("-", .kind = EXACTLY, .size = 0);
    ck_read("invalid", .kind = EXACTLY, .size = 17);
    start(&task, reading, .kind = EXACTLY, .size = 8);
    turns(1);
    feed("abc");
    turns(1);
    feed("def");
    turns(1);
    ck_trail("");
    feed("ghijk");
    turns(1);
    ck_trail("abcdefgh");
    ck_read("ij", .kind = EXACTLY, .size = 2);
    cedo_reader_feed_eof(reader);
    ck_read("incomplete:k", .kind = EXACTLY, .size = 5);
    ck_assert(cedo_reader_at_eof(reader));
    ck_read("incomplete:-", .kind = EXACTLY, .size = 1);
    ck_read("-", .kind = EXACTLY, .size = 0);
    close_world();
}
END_TEST

START_TEST(READER_04_read_line_gives_lines_and_then_the_rest)
{
    begin(8);
    feed("one\n\nthree");
    ck_read("one$", .kind = LINE);
    ck_read("$", .kind = LINE);
    start(&task, reading, .kind = LINE);
    turns(1);
    ck_trail("");
    feed("\nrest");
    turns(1);
    ck_trail("three$");
    cedo_reader_feed_eof(reader);
    ck_read("rest", .kind = LINE);
    ck_read("end-", .kind = LINE);
    close_world();
}
END_TEST

START_TEST(READER_05_a_line_over_the_limit_is_dropped)
{
    begin(5);
    feed("toolong\nok\n");
    ck_read("limit:7", .kind = LINE);
    ck_read("ok$", .kind = LINE);
    feed("waytoolong");
    ck_read("limit:10", .kind = LINE);
    feed("x\n");
    ck_read("x$", .kind = LINE);
    close_world();
}
END_TEST

START_TEST(READER_06_the_limit_is_without_the_separator)
{
    static const cedo_bytes ends[] = {CEDO_BYTES("\r\n")};
    begin(4);
    feed("1234\n");
    ck_read("1234$", .kind = LINE);
    feed("1234\r\n");
    ck_read("1234\r$", .kind = UNTIL, .size = 1, .ends = ends);
    start(&task, reading, .kind = UNTIL, .size = 1, .ends = ends);
    turns(1);
    feed("1234\r");
    turns(1);
    ck_trail("");
    feed("\n12345\n");
    turns(1);
    ck_trail("1234\r$");
    ck_read("limit:5", .kind = LINE);
    close_world();
}
END_TEST

START_TEST(READER_07_a_separator_may_come_in_pieces)
{
    static const cedo_bytes ends[] = {CEDO_BYTES("END")};
    static const char *const pieces[] = {"ab", "E", "E", "N", "ENE", "N"};
    begin(16);
    for (int round = 0; round < 5; round++) { /* at other places each time */
        start(&task, reading, .kind = UNTIL, .size = 1, .ends = ends);
        turns(1);
        for (int i = 0; i < 6; i++) {
            feed(pieces[i]);
            turns(1);
            ck_trail("");
        }
        feed("Dx");
        turns(1);
        ck_trail("abEENENEND");
        ck_read("x", .kind = SOME, .size = 9);
    }
    close_world();
}
END_TEST

START_TEST(READER_08_over_the_limit_all_stays)
{
    static const cedo_bytes ends[] = {CEDO_BYTES("|")},
                            two[] = {CEDO_BYTES("|"), CEDO_BYTES("=="), CEDO_BYTES("|")};
    begin(4);
    feed("12345678");
    ck_read("limit:8", .kind = UNTIL, .size = 1, .ends = ends);
    ck_assert_uint_eq(cedo_reader_consumed(reader), 8);
    ck_read("limit:7", .kind = UNTIL, .size = 2, .ends = two);
    ck_read("limit:7", .kind = UNTIL, .size = 2, .ends = two + 1);
    ck_read("12", .kind = SOME, .size = 2);
    feed("|");
    ck_read("limit:6", .kind = UNTIL, .size = 1, .ends = ends);
    ck_read("345678", .kind = EXACTLY, .size = 6);
    ck_read("|", .kind = UNTIL, .size = 1, .ends = ends);
    close_world();
}
END_TEST

START_TEST(READER_09_at_the_end_read_until_takes_all)
{
    static const cedo_bytes ends[] = {CEDO_BYTES("!!")};
    begin(8);
    start(&task, reading, .kind = UNTIL, .size = 1, .ends = ends);
    turns(1);
    feed("partial!");
    turns(1);
    ck_trail("");
    cedo_reader_feed_eof(reader);
    turns(1);
    ck_trail("incomplete:partial!");
    ck_read("incomplete:-", .kind = UNTIL, .size = 1, .ends = ends);
    close_world();
}
END_TEST

START_TEST(READER_10_the_match_that_ends_first_wins)
{
    static const cedo_bytes ends[] = {CEDO_BYTES(";"), CEDO_BYTES("two|"), CEDO_BYTES("|"),
                                      CEDO_BYTES("o|")};
    static const cedo_bytes bad[] = {CEDO_BYTES("a"), CEDO_BYTES("")};
    static const cedo_bytes large[] = {CEDO_BYTES("0123456789abcdef"),
                                       CEDO_BYTES("0123456789abcdefg")};
    begin(5);
    ck_read("invalid", .kind = UNTIL, .size = 0, .ends = ends);
    ck_read("invalid", .kind = UNTIL, .size = 256, .ends = ends);
    ck_read("invalid", .kind = UNTIL, .size = 2, .ends = bad);
    ck_read("invalid", .kind = UNTIL, .size = 2, .ends = large);
    feed("onetwo|three;");
    /* of those that end there the shortest: so what comes before it is too long */
    ck_read("limit:6", .kind = UNTIL, .size = 4, .ends = ends);
    ck_assert_int_eq(cedo_reader_init(&object, 6), CEDO_OK);
    feed("onetwo|three;");
    ck_read("onetwo|", .kind = UNTIL, .size = 4, .ends = ends);
    ck_read("three;", .kind = UNTIL, .size = 4, .ends = ends);
    close_world();
}
END_TEST

static void note_flow(void *arg, bool pause)
{
    ck_assert_ptr_eq(arg, &object);
    mark(pause ? "pause" : "resume");
}

START_TEST(READER_11_the_feeder_is_paused_above_twice_the_limit)
{
    begin(4);
    cedo_reader_set_flow(reader, note_flow, &object);
    feed("12345678");
    ck_trail("");
    ck_assert(!cedo_reader_is_paused(reader));
    feed("9");
    feed("0");
    ck_trail("pause");
    ck_assert(cedo_reader_is_paused(reader));
    ck_read("12345", .kind = SOME, .size = 5);
    ck_read("resume 6", .kind = SOME, .size = 1);
    ck_assert(!cedo_reader_is_paused(reader));
    /* a read that waits resumes it, too */
    start(&task, reading, .kind = EXACTLY, .size = 14);
    turns(1);
    feed("abcde");
    ck_trail("pause");
    turns(1);
    ck_trail("resume");
    feed("fghijk");
    ck_trail("pause");
    turns(1);
    ck_trail("resume 7890abcdefghij");
    ck_read("-", .kind = SOME, .size = 0); /* the view is not needed any more */
    feed("much too long");
    ck_trail("pause");
    ck_read("resume limit:14", .kind = LINE);
    close_world();
}
END_TEST

START_TEST(READER_12_one_task_reads_at_a_time)
{
    static const cedo_bytes ends[] = {CEDO_BYTES(";")};
    begin(8);
    start(&task, reading, .kind = EXACTLY, .size = 3);
    turns(1);
    ck_read("busy", .kind = SOME, .size = 9);
    ck_read("busy", .kind = ALL);
    ck_read("busy", .kind = EXACTLY, .size = 1);
    ck_read("busy", .kind = LINE);
    ck_read("busy", .kind = UNTIL, .size = 1, .ends = ends);
    feed("abcd");
    {
        /* it was woken, and has not looked yet */
        static cedo_task_of(reading) other;
        start(&other, reading, .kind = SOME, .size = 9);
        cedo_reader_feed_eof(reader);
    }
    turns(1);
    ck_trail("abc d");
    close_world();
}
END_TEST

static cedo_status steal(void *arg)
{
    cedo_bytes bytes;
    ck_assert(cedo_reader_read(reader, &bytes, 9) == cedo_done(CEDO_EBUSY));
    mark("%s", (const char *)arg);
    return CEDO_OK;
}

START_TEST(a_task_that_was_woken_still_is_the_one_that_reads)
{
    static cedo_handle handle;
    begin(8);
    start(&task, reading, .kind = EXACTLY, .size = 3);
    turns(1);
    ck_assert_int_eq(cedo_call_soon(&loop, &handle, steal, (void *)(uintptr_t) "busy"), CEDO_OK);
    feed("abc");
    turns(1);
    ck_trail("busy abc");
    close_world();
}
END_TEST

START_TEST(READER_13_a_cancelled_read_loses_nothing)
{
    static const cedo_bytes ends[] = {CEDO_BYTES("END")};
    begin(8);
    start(&task, reading, .kind = EXACTLY, .size = 8);
    turns(1);
    feed("1234");
    turns(1);
    (void)cedo_task_cancel(&task.task);
    turns(1);
    ck_trail("cancelled");
    ck_read("1234", .kind = SOME, .size = 9);
    start(&task, reading, .kind = LINE);
    turns(1);
    feed("line\nre");
    (void)cedo_task_cancel(&task.task);
    turns(1);
    ck_trail("cancelled");
    ck_read("line$", .kind = LINE);
    start(&task, reading, .kind = UNTIL, .size = 1, .ends = ends);
    turns(1);
    feed("stEN");
    turns(1);
    (void)cedo_task_cancel(&task.task);
    feed("D");
    turns(1);
    ck_trail("cancelled");
    ck_read("restEND", .kind = UNTIL, .size = 1, .ends = ends);
    start(&task, reading, .kind = ALL);
    turns(1);
    feed("tail");
    cedo_reader_feed_eof(reader);
    (void)cedo_task_cancel(&task.task);
    turns(1);
    ck_trail("cancelled");
    ck_read("tail", .kind = ALL);
    close_world();
}
END_TEST

START_TEST(READER_14_an_error_reaches_who_waits_and_all_later_reads)
{
    static const cedo_bytes ends[] = {CEDO_BYTES(";")};
    begin(8);
    ck_assert_int_eq(cedo_reader_error(reader), CEDO_OK);
    start(&task, reading, .kind = LINE);
    turns(1);
    feed("part");
    turns(1);
    cedo_reader_set_error(reader, BROKEN);
    feed("\n"); /* too late */
    turns(1);
    ck_trail("broken");
    ck_assert_int_eq(cedo_reader_error(reader), BROKEN);
    ck_read("broken", .kind = SOME, .size = 0);
    ck_read("broken", .kind = SOME, .size = 9);
    ck_read("broken", .kind = ALL);
    ck_read("broken", .kind = EXACTLY, .size = 1);
    ck_read("broken", .kind = LINE);
    ck_read("broken", .kind = UNTIL, .size = 1, .ends = ends);
    /* one that was woken before */
    ck_assert_int_eq(cedo_reader_init(&object, 8), CEDO_OK);
    start(&task, reading, .kind = SOME, .size = 9);
    turns(1);
    feed("in-time");
    cedo_reader_set_error(reader, BROKEN);
    turns(1);
    ck_trail("in-time");
    /* and does not have all it wants */
    ck_assert_int_eq(cedo_reader_init(&object, 8), CEDO_OK);
    start(&task, reading, .kind = LINE);
    turns(1);
    feed("in-time");
    cedo_reader_set_error(reader, BROKEN);
    turns(1);
    ck_trail("broken");
    /* who is cancelled takes it from nobody */
    ck_assert_int_eq(cedo_reader_init(&object, 8), CEDO_OK);
    start(&task, reading, .kind = LINE);
    turns(1);
    cedo_reader_set_error(reader, BROKEN);
    (void)cedo_task_cancel(&task.task);
    turns(1);
    ck_trail("cancelled");
    ck_read("broken", .kind = LINE);
    close_world();
}
END_TEST

struct lines {
    cedo_coro coro;
    cedo_bytes line;
};

static cedo_async(lines)
{
    cedo_body(struct lines, self) {
        cedo_for_each(self->line, cedo_reader_read_line(reader, &self->line))
            mark("%s", shown(self->line));
        mark("over");
    }
}

START_TEST(READER_15_for_each_gives_lines_until_the_end)
{
    static cedo_task_of(lines) all;
    begin(8);
    start(&all, lines);
    feed("x\ny\n");
    turns(1);
    ck_trail("x$ y$");
    feed("last");
    turns(1);
    cedo_reader_feed_eof(reader);
    turns(1);
    ck_trail("last over");
    close_world();
}
END_TEST

START_TEST(READER_16_a_limit_of_0_is_refused)
{
    begin(8);
    feed("kept");
    ck_assert_int_eq(cedo_reader_init(&object, 0), CEDO_EINVAL);
    ck_assert_int_eq(cedo_reader_init(&object, 17), CEDO_EINVAL);
    ck_assert_int_eq(cedo_reader_init_at(reader, object.buffer, 0, 0), CEDO_EINVAL);
    ck_assert_int_eq(cedo_reader_init_at(reader, object.buffer, CEDO_READER_MAX + 1, 1),
                     CEDO_EINVAL);
    ck_read("kept", .kind = SOME, .size = 9);
    ck_assert_uint_eq(cedo_reader_limit(reader), 8);
    close_world();
}
END_TEST

/* ------------------------------------------------------------- storage */

START_TEST(a_reader_can_be_initialised_statically)
{
    static cedo_reader_of(4) fresh = CEDO_READER_INIT(fresh, 3);
    ck_assert_uint_eq(cedo_reader_limit(&fresh.reader), 3);
    ck_assert_uint_eq(cedo_reader_room(&fresh.reader), 4);
    ck_assert_uint_eq(cedo_reader_feed(&fresh.reader, "abcdef", 6), 4);
    ck_assert(!cedo_reader_at_eof(&fresh.reader));
    ck_assert_int_eq(cedo_reader_error(&fresh.reader), CEDO_OK);
}
END_TEST

START_TEST(a_feed_takes_what_there_is_room_for)
{
    begin(16);
    cedo_reader_set_flow(reader, note_flow, &object);
    ck_assert_uint_eq(cedo_reader_feed(reader, "", 0), 0);
    feed("0123456789");
    ck_assert_uint_eq(cedo_reader_room(reader), 6);
    ck_trail("");
    ck_assert_uint_eq(cedo_reader_feed(reader, "abcdefgh", 8), 6);
    ck_trail("pause"); /* though it never has twice the limit */
    ck_assert_uint_eq(cedo_reader_feed(reader, "gh", 2), 0);
    ck_trail("");
    ck_read("resume 0123456789", .kind = SOME, .size = 10);
    /* the view has its place until the next read */
    ck_assert_uint_eq(cedo_reader_feed(reader, "gh", 2), 0);
    ck_trail("pause");
    ck_read("resume abcdef", .kind = SOME, .size = 16);
    ck_assert_uint_eq(cedo_reader_room(reader), 10);
    feed("gh");
    ck_read("gh", .kind = SOME, .size = 16);
    close_world();
}
END_TEST

START_TEST(a_feed_does_not_touch_the_last_view)
{
    begin(8);
    for (int i = 0; i < 32; i++) { /* wherever it begins */
        static cedo_task_of(reading) read;
        feed("view");
        start(&read, reading, .kind = SOME, .size = 4);
        turns(1);
        ck_trail("view");
        ck_assert_uint_eq(cedo_reader_feed(reader, "................", 16), 12);
        ck_assert_int_eq(memcmp(read.frame.bytes.data, "view", 4), 0);
        ck_read("............", .kind = SOME, .size = 12);
        feed("x");
        ck_read("x", .kind = SOME, .size = 1);
    }
    close_world();
}
END_TEST

static void feed_more(void *arg, bool pause)
{
    const char **const more = arg;
    if (pause || !*more) return;
    *more += cedo_reader_feed(reader, *more, strlen(*more));
    if (!**more) *more = NULL;
}

START_TEST(who_is_told_to_go_on_may_feed_at_once)
{
    static const char *more;
    begin(2);
    cedo_reader_set_flow(reader, feed_more, &more);
    feed("abcdef");
    more = "ghij";
    start(&task, reading, .kind = EXACTLY, .size = 10);
    turns(2);
    ck_trail("abcdefghij");
    ck_assert_ptr_null(more);
    /* out of a read that need not wait */
    ck_read("-", .kind = SOME, .size = 0);
    feed("0123456789abcd");
    ck_read("01", .kind = SOME, .size = 2);
    more = "0123456789";
    ck_read("23456789abc", .kind = SOME, .size = 11);
    ck_assert_str_eq(more, "456789");
    ck_read("d0123", .kind = SOME, .size = 16);
    ck_assert_ptr_null(more);
    ck_read("456789", .kind = SOME, .size = 16);
    close_world();
}
END_TEST

START_TEST(what_is_read_is_that_which_was_fed_and_in_one_piece)
{
    unsigned fed = 0, read = 0;
    begin(16);
    random_state = 1;
    for (int i = 0; i < 3000; i++) {
        static cedo_task_of(reading) one;
        char bytes[16];
        if (chance(2)) {
            const size_t size = (size_t)draw(16);
            for (size_t k = 0; k < size; k++) bytes[k] = (char)(fed + k);
            fed += (unsigned)cedo_reader_feed(reader, bytes, size);
        }
        else if (fed > read) {
            start(&one, reading, .kind = SOME, .size = 1 + (size_t)draw(16));
            turns(1);
            trail[0] = '\0';
            ck_assert(cedo_task_done(&one.task));
            ck_assert_uint_gt(one.frame.bytes.len, 0);
            for (size_t k = 0; k < one.frame.bytes.len; k++)
                ck_assert_int_eq(one.frame.bytes.data[k], (char)(read + k));
            read += (unsigned)one.frame.bytes.len;
        }
    }
    ck_assert_uint_gt(read, 4000);
    close_world();
}
END_TEST

START_TEST(what_fills_the_storage_is_over_the_limit)
{
    static const cedo_bytes ends[] = {CEDO_BYTES("||")};
    begin(16);
    start(&task, reading, .kind = UNTIL, .size = 1, .ends = ends);
    turns(1);
    feed("0123456789abcdef");
    turns(1);
    ck_trail("limit:15");
    ck_read("limit:0", .kind = ALL); /* with nothing to skip */
    ck_read("limit:16", .kind = LINE);
    feed("0123456789abcdef");
    cedo_reader_feed_eof(reader);
    ck_read("incomplete:0123456789abcdef", .kind = UNTIL, .size = 1, .ends = ends);
    close_world();
}
END_TEST

/* ------------------------------------------------------------- bytes */

START_TEST(bytes_are_compared_with_text)
{
    static const cedo_bytes literal = CEDO_BYTES("text");
    ck_assert(cedo_bytes_equal_str(literal, "text"));
    ck_assert(!cedo_bytes_equal_str(literal, "tex"));
    ck_assert(!cedo_bytes_equal_str(literal, "texts"));
    ck_assert(!cedo_bytes_equal_str(literal, "test"));
    ck_assert(cedo_bytes_equal_str(cedo_str("text"), "text"));
    ck_assert(cedo_bytes_equal_str(cedo_str(""), ""));
    ck_assert_uint_eq(cedo_str("text").len, 4);
}
END_TEST

/* ------------------------------------------------------------- misuse */

#if CEDO_CHECKS
static void feed_after_the_end(void)
{
    cedo_reader_feed_eof(reader);
    (void)cedo_reader_feed(reader, "x", 1);
}

static void set_no_error(void)
{
    cedo_reader_set_error(reader, CEDO_OK);
}

#if CEDO_HOSTED
static void read_what_is_all_zero(void)
{
    static cedo_reader zero;
    cedo_bytes bytes;
    if (cedo_reader_read(&zero, &bytes, 1) == CEDO_WAITING) mark("waits");
}
#endif
#endif

START_TEST(misuse_traps)
{
#if CEDO_CHECKS
    begin(8);
    ck_trap(feed_after_the_end, "after its end");
    ck_trap(set_no_error, "no error");
#if CEDO_HOSTED
    ck_trap(read_what_is_all_zero, "was not initialised");
#endif
#endif
}
END_TEST

#if CEDO_CHECKS && CEDO_HOSTED
struct careless {
    cedo_coro coro;
    cedo_bytes bytes;
};

static cedo_async(careless)
{
    cedo_body(struct careless, self) {
        cedo_bytes local;
        local = cedo_str("|");
        cedo_await(cedo_reader_read_until(reader, &self->bytes, &local, 1));
    }
}

static void wait_for_a_local_separator(void)
{
    static cedo_task_of(careless) trapped;
    start(&trapped, careless);
    run_dry();
}
#endif

START_TEST(separators_that_are_a_C_local_trap)
{
#if CEDO_CHECKS && CEDO_HOSTED
    begin(8);
    ck_trap(wait_for_a_local_separator, "separators that are C locals");
#endif
}
END_TEST

SUITE("reader", READER_01_read_gives_what_is_there, READER_02_at_eof_is_true_when_all_was_read,
      READER_03_read_exactly_waits_and_takes_the_rest_at_the_end,
      READER_04_read_line_gives_lines_and_then_the_rest, READER_05_a_line_over_the_limit_is_dropped,
      READER_06_the_limit_is_without_the_separator, READER_07_a_separator_may_come_in_pieces,
      READER_08_over_the_limit_all_stays, READER_09_at_the_end_read_until_takes_all,
      READER_10_the_match_that_ends_first_wins,
      READER_11_the_feeder_is_paused_above_twice_the_limit, READER_12_one_task_reads_at_a_time,
      a_task_that_was_woken_still_is_the_one_that_reads, READER_13_a_cancelled_read_loses_nothing,
      READER_14_an_error_reaches_who_waits_and_all_later_reads,
      READER_15_for_each_gives_lines_until_the_end, READER_16_a_limit_of_0_is_refused,
      a_reader_can_be_initialised_statically, a_feed_takes_what_there_is_room_for,
      a_feed_does_not_touch_the_last_view, who_is_told_to_go_on_may_feed_at_once,
      what_is_read_is_that_which_was_fed_and_in_one_piece, what_fills_the_storage_is_over_the_limit,
      bytes_are_compared_with_text, misuse_traps, separators_that_are_a_C_local_trap)
