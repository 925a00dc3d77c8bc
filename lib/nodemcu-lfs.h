/* SPDX-License-Identifier: MIT */
/*
 * libnodemcu-lfs: LFS images and compiled chunks of NodeMCU's Lua 5.1 and 5.3, to look at, to judge
 * and to write. This header is the manual. (Not "lfs.h", not "lfs_": those are LuaFileSystem's and
 * littlefs's. All names here begin with nlfs_ or NLFS_.)
 *
 *	struct nlfs_error error;
 *	struct nlfs *l;
 *
 *	if (nlfs_load_file("lfs.img", &l, &error))
 *		fprintf(stderr, "%s\n", error.text);
 *	for (uint32_t i = 0; l && nlfs_module(l, i, &module); i++)
 *		printf("%.*s\n", (int)module.name.len, module.name.data);
 *	nlfs_close(l);
 *
 * Compile and link with `pkg-config --cflags --libs nodemcu-lfs` (--static for the archive).
 *
 * Bytes     A pointer always has a length beside it, and texts of a file are any bytes: nothing
 *           ends them. Only texts of the library itself (const char *) end with a NUL.
 * Ownership What the library points to belongs to the handle it was asked of, and stays until that
 *           is closed. What a function makes (uint8_t **data) is the caller's: nlfs_free.
 *           Bytes given to a function are not used after it returns.
 * Numbers   Items of a kind are numbered from 0, and NLFS_NONE is "no such item". A function that
 *           looks an item up (bool) returns false, and leaves *out alone, for a number that the
 *           handle does not have; numbers taken from damaged files need no other check.
 * NULL      A handle or report may be NULL, as after a failure: nothing is found in it (false,
 *           NLFS_NONE, NLFS_REFUSED), to close it is fine, and what else is asked of it is
 *           NLFS_ARGUMENT. So is a path, bytes or inputs that are NULL. error, target and the data
 *           of a text may be NULL; other outputs may not.
 * Errors    A function that can fail returns an enum nlfs_code, 0 is good. error may be NULL; else
 *           it is set by every call, to zeros when there is none. Outputs are NULL on failure, but
 *           for nlfs_load, which tells its own.
 * Threads   There is no global state. Different handles are independent. Functions that take a
 *           const handle may run in several threads at once; nlfs_study and nlfs_close must be
 *           alone with theirs.
 * Processes The library does not exit, print, read the environment, or change what is the
 *           process's. Of files it opens the one that nlfs_load_file names, no other.
 * Versions  Functions may be added. A change of a struct or function changes the soname.
 */
#ifndef NODEMCU_LFS_H
#define NODEMCU_LFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define NLFS_API __attribute__((visibility("default")))
#else
#define NLFS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define NLFS_NONE UINT32_MAX

/* "0.1.0" */
NLFS_API const char *nlfs_version(void);

/* ---- Errors ---- */

enum nlfs_code {
	NLFS_OK = 0,
	NLFS_IO,        /* the system refused: open, read */
	NLFS_MEMORY,    /* an allocation failed */
	NLFS_TRUNCATED, /* the input ends inside a field */
	NLFS_DAMAGED,   /* a field contradicts the format */
	NLFS_LIMIT,     /* larger or deeper than anything a device can hold */
	NLFS_KIND,      /* another kind of file than the function is for */
	NLFS_ARGUMENT,  /* no handle, no such number, an unknown name: a fault of the caller's */
};

/* What went wrong, and where. */
struct nlfs_error {
	enum nlfs_code code;
	bool placed;     /* offset is meaningful */
	bool inflated;   /* it counts bytes of nlfs_info.bytes, not of the gzip file */
	uint64_t offset; /* of the guilty field, in bytes */
	char path[72];   /* the guilty field, as in "proto[3].sizek"; may be empty */
	char text[192];  /* what is wrong with it: one line, no newline, printable */
};

/* Bytes; data is NULL when there is no such text. */
struct nlfs_text {
	const char *data;
	size_t len;
};

/* ---- Load ---- */

/* An opened file. */
struct nlfs;

/*
 * Opens the bytes of a file: an LFS image (5.1: relocatable, also that of 2018; 5.3: portable;
 * both: absolute, as it stands in flash) or a compiled chunk (.lc), told by its content.
 *
 * Damage is no end: whatever could be read is in *out, and the code tells the first thing that was
 * wrong. *out is NULL after NLFS_MEMORY and NLFS_IO only; of a file of another kind (NLFS_KIND) it
 * has nothing but what nlfs_check says of it. Release with nlfs_close in any case.
 */
NLFS_API enum nlfs_code nlfs_load(const void *data, size_t len, struct nlfs **out,
				  struct nlfs_error *error);

/* The same with a file's content; path as open() takes it, 16 MiB at most. */
NLFS_API enum nlfs_code nlfs_load_file(const char *path, struct nlfs **out,
				       struct nlfs_error *error);

/* Releases the handle and all that it pointed to. NULL is fine. */
NLFS_API void nlfs_close(struct nlfs *l);

/* Releases what a function made. NULL is fine. */
NLFS_API void nlfs_free(void *data);

enum nlfs_form {
	NLFS_CHUNK,       /* .lc */
	NLFS_RELOCATABLE, /* LFS 5.1, for its loader */
	NLFS_PORTABLE,    /* LFS 5.3, for its loader */
	NLFS_ABSOLUTE,    /* LFS as it stands in flash */
};

struct nlfs_info {
	const char *format; /* short and stable: "lfs51", "lfs51-absolute", "lc53" ... */
	uint8_t lua;        /* 51 or 53 */
	enum nlfs_form form;
	uint8_t integer_bytes; /* 0: the firmware has no integers apart from its numbers */
	uint8_t float_bytes;   /* 0: a firmware of 5.1 with integers only */
	bool packed;           /* 5.1: TValues of 12 bytes */
	bool old_tags;         /* 5.1: type tags of before April 2020 */
	bool has_time;         /* the file tells when it was built: */
	int64_t time;          /* Unix seconds */
	uint32_t base;         /* absolute form: address that the image is mapped to */
	uint64_t file_size;    /* bytes of the file */
	uint64_t flash_size;   /* bytes in flash as the loader lays it out; 0: a chunk */
	const uint8_t *bytes;  /* what offsets count in: the inflated image, or the file */
	size_t nbytes;
	uint32_t modules, protos, strings; /* how many there are */
	uint32_t notes; /* damage that did not stop the reading; nlfs_note has the first */
};

/* False: nothing could be read. */
NLFS_API bool nlfs_info(const struct nlfs *l, struct nlfs_info *out);

/* What was found wrong on the way, number i; at most the first 64 are kept. */
NLFS_API bool nlfs_note(const struct nlfs *l, uint32_t i, struct nlfs_error *out);

/*
 * SHA-256 over the modules in order, their names and all that their functions hold: the same for
 * each form of an image, whatever its time, seed, base, compression or order of strings.
 */
NLFS_API bool nlfs_identity(const struct nlfs *l, uint8_t out[32]);

/* ---- Walk: modules, prototypes ---- */

struct nlfs_module {
	struct nlfs_text name; /* none: a chunk */
	uint32_t proto;        /* its main function; NLFS_NONE: could not be read */
	uint32_t size;         /* bytes that the image would shrink by without it */
};

/* A chunk has one module. */
NLFS_API bool nlfs_module(const struct nlfs *l, uint32_t i, struct nlfs_module *out);

/* A function. A parent stands before its children, depth first. */
struct nlfs_proto {
	uint32_t parent; /* prototype, or NLFS_NONE for a root */
	uint32_t module; /* NLFS_NONE: the main function of a 5.1 image, which lists the modules */
	uint32_t depth;  /* 0 for a root */
	struct nlfs_text source; /* "@main.lua", inherited or its own; none: stripped */
	uint32_t line_first, line_last;
	uint8_t params, vararg, stack; /* as in the file */
	uint8_t used_upvalues;         /* whether they have names or not */
	uint32_t instructions, constants, children;
	uint32_t upvalues, locals; /* as many as the file tells of */
	uint64_t offset;           /* of its record, or of its first byte */
	uint32_t own_size;         /* bytes in flash; of a chunk, in the file */
	uint32_t total_size;       /* with its children */
};

NLFS_API bool nlfs_proto(const struct nlfs *l, uint32_t i, struct nlfs_proto *out);

/* Child i of a prototype; NLFS_NONE when there is no such one, or when it could not be read. */
NLFS_API uint32_t nlfs_child(const struct nlfs *l, uint32_t proto, uint32_t i);

enum nlfs_type { NLFS_NIL, NLFS_BOOLEAN, NLFS_INTEGER, NLFS_FLOAT, NLFS_STRING };

/* A constant. The one type of numbers that 5.1 has is NLFS_FLOAT, with integers NLFS_INTEGER. */
struct nlfs_constant {
	enum nlfs_type type;
	bool boolean; /* each of these is 0 when type is another... */
	int64_t integer;
	double number;
	uint32_t string; /* ...and this is NLFS_NONE */
};

NLFS_API bool nlfs_constant(const struct nlfs *l, uint32_t proto, uint32_t i,
			    struct nlfs_constant *out);

struct nlfs_upvalue {
	struct nlfs_text name;   /* none: stripped */
	uint8_t in_stack, index; /* 5.3 */
};

NLFS_API bool nlfs_upvalue(const struct nlfs *l, uint32_t proto, uint32_t i,
			   struct nlfs_upvalue *out);

struct nlfs_local {
	struct nlfs_text name;
	uint32_t start_pc, end_pc;
};

NLFS_API bool nlfs_local(const struct nlfs *l, uint32_t proto, uint32_t i, struct nlfs_local *out);

enum nlfs_mode { NLFS_ABC, NLFS_ABX, NLFS_ASBX, NLFS_AX };

struct nlfs_instruction {
	uint32_t word;
	uint8_t opcode;
	const char *name;    /* "GETTABLE"; NULL: no such opcode, and only word is meaningful */
	const char *meaning; /* "R(A) := R(B)[RK(C)]" */
	enum nlfs_mode mode;
	uint16_t a, b, c; /* B and C: constants from 256 on, where the meaning has RK */
	int32_t bx;       /* Bx, sBx or Ax, as the mode says */
	uint32_t line;    /* 0: not known */
	uint32_t target;  /* of a jump, else NLFS_NONE */
	bool data;        /* the word belongs to the SETLIST before it */
};

/* Instruction pc of a prototype. */
NLFS_API bool nlfs_instruction(const struct nlfs *l, uint32_t proto, uint32_t pc,
			       struct nlfs_instruction *out);

/*
 * The same as luac -l prints it: "GETGLOBAL 0 -1 ; print". *data has len bytes and a NUL; names
 * are the file's, and may hold any bytes. NLFS_ARGUMENT, NLFS_MEMORY.
 */
NLFS_API enum nlfs_code nlfs_instruction_text(const struct nlfs *l, uint32_t proto, uint32_t pc,
					      uint8_t **data, size_t *len,
					      struct nlfs_error *error);

/* ---- Walk: strings ---- */

/* Who refers to a string; nlfs_string.uses is a set of these. */
enum nlfs_use {
	NLFS_USE_CONSTANT = 1,
	NLFS_USE_SOURCE = 2,
	NLFS_USE_MODULE = 4,
	NLFS_USE_UPVALUE = 8,
	NLFS_USE_LOCAL = 16,
	NLFS_USE_LINEINFO = 32, /* packed line info of 5.1: no text */
	NLFS_USE_FIXED = 64,    /* 5.3: a name that the firmware itself has, not the file */
};

#define NLFS_SHARED (UINT32_MAX - 1)

struct nlfs_string {
	struct nlfs_text text; /* any bytes */
	uint32_t hash;
	uint64_t offset; /* of its record, or of its first mention */
	uint32_t refs;   /* how often functions and the list of modules refer to it */
	unsigned uses;   /* enum nlfs_use */
	uint32_t module; /* the one that uses it; NLFS_SHARED: several, NLFS_NONE: none */
};

NLFS_API bool nlfs_string(const struct nlfs *l, uint32_t i, struct nlfs_string *out);

/*
 * Follows the code to learn who uses the strings; once. NLFS_LIMIT: there are too many references,
 * the first of them are known. NLFS_MEMORY: none is, and another call tries again.
 */
NLFS_API enum nlfs_code nlfs_study(struct nlfs *l, struct nlfs_error *error);

enum nlfs_reference_kind {
	NLFS_REF_CONSTANT, /* pc loads or compares it; without pc: in the constants, not used */
	NLFS_REF_GLOBAL_READ,
	NLFS_REF_GLOBAL_WRITE,
	NLFS_REF_FIELD_READ, /* t.name, t["name"] */
	NLFS_REF_FIELD_WRITE,
	NLFS_REF_METHOD, /* t:name() */
	NLFS_REF_SOURCE,
	NLFS_REF_UPVALUE_NAME,
	NLFS_REF_LOCAL_NAME,
	NLFS_REF_LINEINFO,
	NLFS_REF_MODULE_NAME,
};

struct nlfs_reference {
	enum nlfs_reference_kind kind;
	const char *words;       /* "global read" */
	uint32_t proto;          /* NLFS_NONE: the list of modules */
	uint32_t pc;             /* or NLFS_NONE */
	struct nlfs_text object; /* what a field or method is of, "node.LFS"; none: not known */
};

/* Reference i to a string, by prototype and pc. False before nlfs_study. */
NLFS_API bool nlfs_reference(const struct nlfs *l, uint32_t string, uint32_t i,
			     struct nlfs_reference *out);

/* ---- Check: what a device would say ---- */

/* The firmware; all zeros: the one that the image itself was made for. */
struct nlfs_target {
	const char *kind;        /* a name that nlfs_kind has, "lua51-float"; or NULL */
	struct nlfs_text banner; /* or what its console printed at boot; or none */
	uint32_t region;         /* bytes of its LFS partition, over the banner's; 0: not known */
	bool old_tags;           /* built before 27 April 2020 */
};

/* Name of a kind of firmware, and what it is in words. */
NLFS_API bool nlfs_kind(uint32_t i, const char **name, const char **words);

enum nlfs_verdict {
	/*
	 * The device loads it, and it works: an image by its loader, one in the absolute form when
	 * written to flash as it is, a chunk as a file to run.
	 */
	NLFS_ACCEPTED,
	NLFS_UNSAFE,  /* it loads or may load, and then crashes, misreads or destroys something */
	NLFS_REFUSED, /* its loader refuses it, with the message of the finding */
};

enum nlfs_severity { NLFS_SEVERITY_REFUSED, NLFS_SEVERITY_ERROR, NLFS_SEVERITY_NOTE };

struct nlfs_finding {
	enum nlfs_severity severity; /* a note is advice, and no bar to NLFS_ACCEPTED */
	bool placed, inflated;       /* as in struct nlfs_error */
	uint64_t offset;
	const char *path;           /* of the guilty field; may be empty */
	const char *message;        /* exactly what the device prints; empty: it has no words */
	const char *cause, *remedy; /* may be empty */
};

/* A verdict with its findings: in the order of the loader's checks, then of the file. */
struct nlfs_report;

/*
 * Checks what was loaded, any file, in each detail that the loaders look at and many that they do
 * not. target may be NULL. NLFS_MEMORY; NLFS_ARGUMENT for an unknown kind of firmware, or a kind
 * and a banner; NLFS_KIND when the banner is none. The report is independent of the handle;
 * release it with nlfs_report_close.
 */
NLFS_API enum nlfs_code nlfs_check(const struct nlfs *l, const struct nlfs_target *target,
				   struct nlfs_report **out, struct nlfs_error *error);
NLFS_API void nlfs_report_close(struct nlfs_report *r);

NLFS_API enum nlfs_verdict nlfs_verdict(const struct nlfs_report *r);

/* At most 1,000 are kept. *out points into the report. */
NLFS_API bool nlfs_finding(const struct nlfs_report *r, uint32_t i, struct nlfs_finding *out);

/* ---- Write ---- */

/*
 * The image in a form for its loader (what a device calls a good file), or, with base not 0, as it
 * stands in flash that is mapped there (0x40200000 + offset on an ESP8266), a multiple of 4
 * (NLFS_ARGUMENT). Damaged ones are not written (NLFS_DAMAGED), nor are chunks (NLFS_KIND).
 */
NLFS_API enum nlfs_code nlfs_write_image(const struct nlfs *l, uint32_t base, uint8_t **data,
					 size_t *len, struct nlfs_error *error);

/*
 * A module as the compiled chunk (.lc) that the same firmware loads from its file system. Of a
 * damaged image a module that is whole is written all the same, unless reading broke off.
 */
NLFS_API enum nlfs_code nlfs_write_chunk(const struct nlfs *l, uint32_t module, uint8_t **data,
					 size_t *len, struct nlfs_error *error);

struct nlfs_input {
	const struct nlfs *from; /* an image, or a chunk */
	uint32_t module;         /* of it */
	struct nlfs_text name;   /* under which the device finds it; none: its own (images) */
};

enum nlfs_strip {
	NLFS_STRIP_NONE,   /* all that the modules have is kept */
	NLFS_STRIP_LOCALS, /* names of locals and upvalues go: what luac.cross does by default */
	NLFS_STRIP_ALL,    /* lines go too: error messages then have "?" for them */
};

/*
 * A new image of n modules, in this order, in the form for the loader. It is for the firmware that
 * like, an LFS image, was made for; all modules must be of its version and numbers (NLFS_KIND).
 * time: Unix seconds, as the library looks at no clock. NLFS_LIMIT: more than an image can hold;
 * NLFS_ARGUMENT: no such module or strip, none at all, or a name that is empty, stands twice, or
 * is one that the device would not find. What comes out is worth an nlfs_check.
 */
NLFS_API enum nlfs_code nlfs_link(const struct nlfs_input *in, uint32_t n, const struct nlfs *like,
				  enum nlfs_strip strip, int64_t time, uint8_t **data, size_t *len,
				  struct nlfs_error *error);

#ifdef __cplusplus
}
#endif

#endif
