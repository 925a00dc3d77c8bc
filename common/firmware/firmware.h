/* SPDX-License-Identifier: MIT */
/*
 * A firmware opened for looking at, whichever file it came from: an ELF file as the linker wrote
 * it, a .bin image, a dump of the flash. A loader fills in sections (mapped addresses and the bytes
 * that stand there), symbols where there are any, and notes of what is wrong; everything else
 * (ROTables, sizes, strings, code) is found in those, and by address only.
 *
 * Flat arrays with indexes, FIRMWARE_NONE is "no such item". The bytes of the file belong to the
 * caller and must live as long as the firmware; names and bytes point into them. Everything else
 * the firmware owns, and firmware_close releases.
 */
#ifndef FIRMWARE_FIRMWARE_H
#define FIRMWARE_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/diag.h"

#define FIRMWARE_NONE UINT32_MAX

enum {
	FIRMWARE_NOTES_MAX = 64,
	FIRMWARE_FILE_MAX = 64 << 20, /* bytes; an ELF file with debug data is larger than flash */
};

enum firmware_form { FIRMWARE_ELF, FIRMWARE_BIN, FIRMWARE_DUMP };

enum firmware_chip {
	CHIP_UNKNOWN,
	CHIP_ESP8266, /* Xtensa, call0 */
	CHIP_ESP32,   /* Xtensa, register windows */
	CHIP_ESP32S2, /* the same */
	CHIP_ESP32S3, /* the same */
	CHIP_ESP32C3, /* RISC-V */
	FIRMWARE_CHIPS
};
extern const char *const firmware_chip_names[FIRMWARE_CHIPS]; /* "ESP8266"; "unknown" */

/* What memory an address is in. */
enum firmware_area {
	AREA_OTHER,
	AREA_ROM, /* of the chip: no file holds it */
	AREA_IRAM,
	AREA_DRAM,
	AREA_FLASH,
	FIRMWARE_AREAS
};

/* A piece of mapped memory. Sections do not overlap: what a file lays over another is a note, and
 * left out. Sorted by address. */
struct firmware_section {
	const char *name; /* ".irom0.text" */
	uint32_t address, size;
	const uint8_t *bytes; /* the first nbytes of them; NULL: none (.bss) */
	uint32_t nbytes;      /* <= size; less in a cut file */
	uint64_t off;         /* in the file */
	enum firmware_area area;
	bool code, written; /* executable; writable at run time */
};

enum firmware_symbol_kind { SYMBOL_OTHER, SYMBOL_FUNCTION, SYMBOL_OBJECT };

/* Sorted by address; at the same address the larger first, then functions, then by name. */
struct firmware_symbol {
	const char *name; /* ends with NUL inside the file's bytes */
	uint32_t address, size;
	uint32_t section; /* that holds the address, or FIRMWARE_NONE (ROM, constants) */
	uint32_t source;  /* in sources, or FIRMWARE_NONE */
	uint32_t module;  /* in modules, or FIRMWARE_NONE; by firmware_study() */
	uint8_t kind;     /* enum firmware_symbol_kind */
	bool global, absolute;
};

struct firmware_source {
	const char *name; /* "gpio.c" */
	/* Where there is DWARF, else NULL: "../gpio.c" as the compiler was given it, and where it
	 * was started. */
	const char *path, *folder;
	uint32_t module;                /* in modules, or FIRMWARE_NONE; by firmware_study() */
	uint32_t sizes[FIRMWARE_AREAS]; /* bytes by area; by firmware_study() */
};

/* How this build lays out Lua's values. */
struct firmware_lua {
	uint8_t version;      /* 51, 53; 0: not found out */
	uint8_t tvalue_bytes; /* 8 or 12; 0: not found out */
	bool integer;         /* 5.1: numbers are 32-bit integers */
	bool wide;            /* 5.3: 64-bit integers and doubles */
};

/* A value of a ROTable. */
enum firmware_value {
	VALUE_NIL,
	VALUE_FUNCTION, /* C function at .address */
	VALUE_TABLE,    /* ROTable at .address; .table is its index, or FIRMWARE_NONE */
	VALUE_INTEGER,
	VALUE_FLOAT,
	VALUE_POINTER, /* light userdata */
	VALUE_UNKNOWN, /* a tag that no build has */
};

struct firmware_entry {
	const char *key; /* ends with NUL inside a section; NULL: it points nowhere */
	uint32_t place;  /* address of the entry itself */
	uint32_t tag;
	uint8_t value; /* enum firmware_value */
	uint32_t address;
	uint32_t table;
	union {
		int64_t i;
		double f;
	};
};

/* How one gets to a ROTable from Lua. */
enum firmware_reach {
	REACH_NONE,  /* luaL_rometatable hands it out by name, if anything does */
	REACH_BASE,  /* the table of globals (lua_rotable_base) */
	REACH_ENTRY, /* value of an entry of .parent */
	REACH_META,  /* metatable of .parent */
};

struct firmware_table {
	uint32_t address;      /* of the ROTable; of the entries for lua_rotable_base */
	const char *symbol;    /* "gpio_ROTable"; NULL: unknown */
	const char *name;      /* luaL_rometatable's: "net.socket"; NULL: none or not known */
	uint32_t first, count; /* in entries */
	uint32_t metatable;    /* table, or FIRMWARE_NONE */
	uint8_t reach;         /* enum firmware_reach */
	bool root;             /* nothing that Lua gets to holds it: a metatable in the registry */
	uint32_t parent;       /* table that reaches it first, or FIRMWARE_NONE */
	uint32_t via;          /* by this entry of it, or FIRMWARE_NONE */
	uint32_t module;       /* in modules, or FIRMWARE_NONE */
};

/* A module built in: an entry of lua_rotable_base or of lua_libs_base. "_G" is the base itself. */
struct firmware_module {
	const char *name;
	uint32_t table;                 /* its ROTable, or FIRMWARE_NONE */
	uint32_t open;                  /* luaopen_xxx's address, 0: none */
	uint32_t sizes[FIRMWARE_AREAS]; /* bytes by area */
	uint32_t functions;             /* that Lua can call */
};

/* Bytes that belong to no module or source file. */
enum firmware_rest {
	REST_SYMBOLS, /* they have a symbol, at least */
	REST_STRINGS,
	REST_PADDING,
	REST_OTHER, /* literals and constants without a symbol */
	FIRMWARE_RESTS
};

/* A run of bytes with one owner. All bytes of all sections, sorted by address, no gap. */
struct firmware_span {
	uint32_t address, size;
	uint32_t section;
	uint32_t symbol; /* FIRMWARE_NONE: literals, strings and padding that have no symbol */
	uint32_t source, module;
	bool text;    /* no symbol: NUL-terminated strings */
	bool padding; /* no symbol: 16 or more equal bytes, 00 or ff */
};

struct firmware_text {
	uint32_t address, len; /* without the NUL */
	const char *p;
};

struct firmware {
	const char *file; /* the caller's; as it is to be shown */
	const uint8_t *data;
	size_t len;
	enum firmware_form form;
	enum firmware_chip chip;
	uint32_t entry;
	struct diag diag; /* what stopped the reading, if anything did */
	/* Damage that did not stop it; note_count may exceed what is kept. */
	struct diag notes[FIRMWARE_NOTES_MAX];
	uint32_t note_count;

	struct firmware_section *sections;
	struct firmware_symbol *symbols;
	struct firmware_source *sources;
	uint32_t nsections, nsymbols, nsources;
	uint32_t *symbol_names; /* indexes of symbols, by name */
	uint32_t *symbol_ends;  /* per symbol: the highest end of it and all before it */
	bool has_dwarf;
	bool packed_dwarf;       /* there is debug data, but compressed: it is not read */
	struct flash_map *flash; /* flash_map.h, of a .bin or a dump; NULL: an ELF file */

	/* By firmware_study(). */
	bool studied;
	struct firmware_lua lua;
	struct firmware_table *tables; /* lua_rotable_base first, when it is there */
	struct firmware_entry *entries;
	struct firmware_module *modules;
	struct firmware_span *spans;
	struct firmware_text *texts; /* strings in sections that nothing writes, by address */
	uint32_t ntables, nentries, nmodules, nspans, ntexts;
	/* lua_libs_base: its entries stand from here to there, a symbol each; 0: not found. */
	uint32_t libs, libs_end;
	uint32_t *roots;     /* tables that hang below none, lua_rotable_base first */
	uint32_t *functions; /* entries that are C functions, by address */
	uint32_t nroots, nfunctions;
	uint64_t mapped; /* bytes of all sections */
	/* What the sizes of all modules, and of all source files, leave of the sections. */
	uint32_t rest_modules[FIRMWARE_RESTS][FIRMWARE_AREAS];
	uint32_t rest_sources[FIRMWARE_RESTS][FIRMWARE_AREAS];

	struct firmware_cap {
		uint32_t sections, symbols, sources, tables, entries, modules, spans, texts;
	} cap;
};

/* True when data begins like a firmware that firmware_open() knows. */
bool firmware_probe(const uint8_t *data, size_t len);

/*
 * Loads a file's bytes: sections and symbols. The firmware is usable, as far as the file was, even
 * on failure, but for ERR_MEMORY: it is empty then. data must live as long. Always close it.
 */
enum err firmware_open(struct firmware *fw, const char *file, const uint8_t *data, size_t len);
void firmware_close(struct firmware *fw);

/* Finds, once, ROTables, modules, sizes and strings. ERR_MEMORY. */
enum err firmware_study(struct firmware *fw, struct diag *diag);

/* The bytes at an address, *n of them up to the end of what is there; NULL: none. */
const uint8_t *firmware_bytes(const struct firmware *fw, uint32_t address, size_t *n);
/* The little-endian word at an address; false when it is not all there. */
bool firmware_word(const struct firmware *fw, uint32_t address, uint32_t *out);
/* The C string at an address, *len bytes without its NUL (len may be NULL); NULL: none is there. */
const char *firmware_string(const struct firmware *fw, uint32_t address, size_t *len);

/* The section that holds an address, or FIRMWARE_NONE. */
uint32_t firmware_section_at(const struct firmware *fw, uint32_t address);
enum firmware_area firmware_area_of(enum firmware_chip chip, uint32_t address);

/* The symbol that begins at or covers an address (the innermost), or FIRMWARE_NONE. */
uint32_t firmware_symbol_at(const struct firmware *fw, uint32_t address);
/* The first symbol of that name, or FIRMWARE_NONE. */
uint32_t firmware_symbol_find(const struct firmware *fw, const char *name);
/* The ROTable at an address, or FIRMWARE_NONE; after firmware_study(). */
uint32_t firmware_table_at(const struct firmware *fw, uint32_t address);

/*
 * Names a ROTable that luaL_rometatable(L, name, &table) registers, as a scan of the code found.
 * name lives as long as the firmware. Does nothing where no table is.
 */
void firmware_table_name(struct firmware *fw, uint32_t address, const char *name);

/*
 * Names as Lua has them, appended to out: an entry's "gpio.mode", or "net.socket:send" in a
 * metatable of the registry; a table's "gpio". firmware_lua_name: a C function's by its address,
 * false when no ROTable holds it.
 */
void firmware_entry_name(const struct firmware *fw, uint32_t entry, struct buf *out);
void firmware_table_path(const struct firmware *fw, uint32_t table, struct buf *out);
bool firmware_lua_name(const struct firmware *fw, uint32_t address, struct buf *out);

/* For loaders. */

struct firmware_format {
	const char *name;
	bool (*probe)(const uint8_t *data, size_t len);
	/* fw->file, data and len are set. What stops it goes to fw->diag. */
	enum err (*load)(struct firmware *fw);
};

/* firmware.c's list of formats takes one row each. */
extern const struct firmware_format firmware_elf, firmware_flash;

/*
 * Keeps a copy of s, unless it is empty, or leaves the address space or meets another section: a
 * note then, of the field at place in the file. False: no memory (fw->diag tells).
 */
bool firmware_add_section(struct firmware *fw, const struct firmware_section *s, uint64_t place,
			  const char *field);
/* The next note, to be filled in with diag_fail_at; NULL when there are enough. */
struct diag *firmware_note(struct firmware *fw);

#endif
