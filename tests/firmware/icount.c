/*
 * A QEMU TCG plugin that counts guest instructions exactly: at the end it writes "total N".
 * With -icount the number is the same in every run, so a test may compare it to the unit.
 *
 *   cc -O2 -shared -fPIC icount.c -o icount.so
 *   qemu-system-arm ... -plugin /path/icount.so -d plugin -D /path/counts.txt
 *
 * Debian packages QEMU without qemu-plugin.h, so the few prototypes needed stand here. They are the
 * same in every version of the API; QEMU 9 and later only refuse a plugin that says version 1
 * (build with -DPLUGIN_API=2).
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifndef PLUGIN_API
#define PLUGIN_API 1
#endif

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;

enum { CALLBACK_NO_REGISTERS = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
                                           void (*on_block)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            void (*on_insn)(unsigned, void *), int flags,
                                            void *argument);
void qemu_plugin_register_atexit_cb(plugin_id id, void (*on_exit)(plugin_id, void *),
                                    void *argument);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
void qemu_plugin_outs(const char *text);

EXPORT int qemu_plugin_version = PLUGIN_API;
EXPORT int qemu_plugin_install(plugin_id id, const struct qemu_info_t *info, int argc, char **argv);

static uint64_t total;

/* Per instruction, not per block: a block that an exception leaves half-way counts only half. */
static void count_one(unsigned cpu, void *unused)
{
    (void)cpu;
    (void)unused;
    total++;
}

static void instrument(plugin_id id, struct qemu_plugin_tb *block)
{
    size_t n = qemu_plugin_tb_n_insns(block);

    (void)id;
    for (size_t i = 0; i < n; i++)
        qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_tb_get_insn(block, i), count_one,
                                               CALLBACK_NO_REGISTERS, NULL);
}

static void report(plugin_id id, void *unused)
{
    char line[40];

    (void)id;
    (void)unused;
    snprintf(line, sizeof line, "total %" PRIu64 "\n", total);
    qemu_plugin_outs(line);
}

int qemu_plugin_install(plugin_id id, const struct qemu_info_t *info, int argc, char **argv)
{
    (void)info;
    (void)argc;
    (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, instrument);
    qemu_plugin_register_atexit_cb(id, report, NULL);
    return 0;
}
