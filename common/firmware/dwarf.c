/* SPDX-License-Identifier: MIT */
/*
 * Which source file a symbol is from, by debug data: code by the address ranges of compilation
 * units, variables and functions by their names. Local symbols know their file without it.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

#include "common/base/file.h"
#include "common/firmware/parts.h"

/* Compilation units and things in them, more than any firmware has. */
enum { UNITS_MAX = 20000, THINGS_MAX = 2000000 };

struct dwarf_reader {
	struct firmware *fw;
	Dwarf *dwarf;
	uint32_t things;
};

/* Debug data that is compressed could be made to swell to anything. */
static bool is_plain(Elf *elf, bool *packed)
{
	bool has_info = false;

	for (Elf_Scn *scn = elf_nextscn(elf, NULL); scn; scn = elf_nextscn(elf, scn)) {
		GElf_Shdr h;
		size_t names;
		const char *name;

		if (!gelf_getshdr(scn, &h) || elf_getshdrstrndx(elf, &names))
			return false;
		name = elf_strptr(elf, names, h.sh_name);
		if (h.sh_flags & SHF_COMPRESSED || (name && !strncmp(name, ".zdebug", 7))) {
			*packed = true;
			return false;
		}
		has_info |= name && !strcmp(name, ".debug_info");
	}
	return has_info;
}

static const char *kept(const struct firmware *fw, const char *text)
{
	uintptr_t from = (uintptr_t)fw->data;

	return text && (uintptr_t)text >= from && (uintptr_t)text - from < fw->len ? text : NULL;
}

static const char *attribute_text(const struct firmware *fw, Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute a;

	return dwarf_attr_integrate(die, name, &a) ? kept(fw, dwarf_formstring(&a)) : NULL;
}

/* The next range of a unit's code: its symbols are [*first, *end). */
static ptrdiff_t next_range(const struct firmware *fw, Dwarf_Die *unit, ptrdiff_t at,
			    uint32_t *first, uint32_t *end)
{
	Dwarf_Addr base, from, to;

	at = dwarf_ranges(unit, at, &base, &from, &to);
	if (at <= 0)
		return 0;
	*first = *end = 0;
	if (from && from < to && to <= UINT32_MAX) {
		*first = firmware_symbols_below(fw, (uint32_t)from);
		*end = firmware_symbols_below(fw, (uint32_t)to);
	}
	return at;
}

/* The file that local symbols in the unit's ranges are from, when it is called so. */
static uint32_t source_by_range(struct dwarf_reader *r, Dwarf_Die *unit, const char *name)
{
	struct firmware *fw = r->fw;
	ptrdiff_t at = 0;
	uint32_t first, end;

	while ((at = next_range(fw, unit, at, &first, &end)) > 0)
		for (uint32_t i = first; i < end && ++r->things < THINGS_MAX; i++) {
			uint32_t s = fw->symbols[i].source;

			if (s != FIRMWARE_NONE && !strcmp(fw->sources[s].name, name))
				return s;
		}
	return FIRMWARE_NONE;
}

/* The only file of that name that no unit has yet. */
static uint32_t source_by_name(struct dwarf_reader *r, const char *name)
{
	uint32_t found = FIRMWARE_NONE;

	for (uint32_t i = 0; i < r->fw->nsources && ++r->things < THINGS_MAX; i++) {
		if (r->fw->sources[i].path || strcmp(r->fw->sources[i].name, name) != 0)
			continue;
		if (found != FIRMWARE_NONE)
			return FIRMWARE_NONE;
		found = i;
	}
	return found;
}

static uint32_t source_of(struct dwarf_reader *r, Dwarf_Die *unit, const char *path)
{
	const char *name = file_base_name(path);
	uint32_t s = source_by_range(r, unit, name);
	struct firmware *fw = r->fw;

	if (s == FIRMWARE_NONE)
		s = source_by_name(r, name);
	if (s == FIRMWARE_NONE) {
		if (!vec_grow(&fw->sources, &fw->nsources, &fw->cap.sources, sizeof(*fw->sources),
			      1))
			return FIRMWARE_NONE;
		s = fw->nsources - 1;
		fw->sources[s].name = name;
		fw->sources[s].module = FIRMWARE_NONE;
	}
	fw->sources[s].path = path;
	fw->sources[s].folder = path[0] == '/' ? NULL : attribute_text(fw, unit, DW_AT_comp_dir);
	return s;
}

static void claim(struct firmware_symbol *s, uint32_t source)
{
	if (s->source == FIRMWARE_NONE && !s->absolute)
		s->source = source;
}

static void claim_ranges(struct dwarf_reader *r, Dwarf_Die *unit, uint32_t source)
{
	ptrdiff_t at = 0;
	uint32_t first, end;

	while ((at = next_range(r->fw, unit, at, &first, &end)) > 0)
		for (uint32_t i = first; i < end && ++r->things < THINGS_MAX; i++)
			claim(&r->fw->symbols[i], source);
}

static void claim_named(struct dwarf_reader *r, Dwarf_Die *die, uint32_t source)
{
	int tag = dwarf_tag(die);
	const char *name;
	uint32_t symbol;

	if ((tag != DW_TAG_variable && tag != DW_TAG_subprogram) ||
	    !dwarf_hasattr_integrate(die, DW_AT_external) || dwarf_hasattr(die, DW_AT_declaration))
		return;
	name = attribute_text(r->fw, die, DW_AT_name);
	symbol = name ? firmware_symbol_find(r->fw, name) : FIRMWARE_NONE;
	if (symbol != FIRMWARE_NONE && r->fw->symbols[symbol].global)
		claim(&r->fw->symbols[symbol], source);
}

static void read_unit(struct dwarf_reader *r, Dwarf_Die *unit)
{
	const char *path = attribute_text(r->fw, unit, DW_AT_name);
	Dwarf_Die a, b;
	Dwarf_Die *die = &a;
	Dwarf_Die *next = &b;
	uint32_t source;

	if (!path || !path[0] || r->things >= THINGS_MAX)
		return;
	source = source_of(r, unit, path);
	if (source == FIRMWARE_NONE)
		return;
	claim_ranges(r, unit, source);
	if (dwarf_child(unit, die))
		return;
	/* a sibling that does not stand behind would make a ring */
	for (; ++r->things < THINGS_MAX; die = next, next = die == &a ? &b : &a) {
		claim_named(r, die, source);
		if (dwarf_siblingof(die, next) || dwarf_dieoffset(next) <= dwarf_dieoffset(die))
			return;
	}
}

static Dwarf *begin(struct firmware *fw, Elf *elf)
{
	Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);

	if (!dwarf)
		diag_fail_at(firmware_note(fw), ERR_DAMAGED, 0, ".debug_info", "%s",
			     dwarf_errmsg(-1));
	return dwarf;
}

void firmware_read_dwarf(struct firmware *fw)
{
	struct dwarf_reader r = { .fw = fw };
	Dwarf_Off at = 0;
	Dwarf_Off next;
	size_t header;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_memory((char *)(uintptr_t)fw->data, fw->len);
	if (!elf)
		diag_fail(firmware_note(fw), ERR_MEMORY, "out of memory for its debug data");
	if (elf && is_plain(elf, &fw->packed_dwarf))
		r.dwarf = begin(fw, elf);
	for (unsigned i = 0; r.dwarf && i < UNITS_MAX; i++, at = next) {
		Dwarf_Die unit;

		if (dwarf_nextcu(r.dwarf, at, &next, &header, NULL, NULL, NULL) || next <= at)
			break;
		if (!dwarf_offdie(r.dwarf, at + header, &unit))
			continue;
		fw->has_dwarf = true;
		read_unit(&r, &unit);
	}
	dwarf_end(r.dwarf);
	elf_end(elf);
}
