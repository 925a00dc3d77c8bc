/* SPDX-License-Identifier: MIT */
/*
 * ELF files of the ESP family: 32-bit, little-endian, Xtensa (94) or RISC-V (243), linked.
 *
 * Section headers say where bytes are mapped; a file that has none is taken by its program headers.
 * libelf reads headers and tables; what it would only refuse is looked at first, so that a message
 * names the field.
 */
#include <elf.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>

#include "common/base/rd.h"
#include "common/firmware/parts.h"

struct elf_reader {
	struct firmware *fw;
	Elf *elf;
	GElf_Ehdr head;
	uint32_t nsections; /* headers */
};

static bool elf_probe(const uint8_t *data, size_t len)
{
	return len >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0;
}

static enum err fail(struct firmware *fw, enum err code, uint64_t off, const char *field,
		     const char *text)
{
	return diag_fail_at(&fw->diag, code, off, field, "%s", text);
}

/* Is it a file for one of our chips? */
static enum err check_identity(struct firmware *fw)
{
	struct rd rd = rd_init(fw->data, fw->len, &fw->diag);
	uint16_t type, machine;

	rd_take(&rd, EI_NIDENT, "e_ident");
	type = rd_u16(&rd, "e_type");
	machine = rd_u16(&rd, "e_machine");
	if (rd_bad(&rd))
		return fw->diag.code;
	if (fw->data[EI_CLASS] != ELFCLASS32 || fw->data[EI_DATA] != ELFDATA2LSB)
		return fail(fw, ERR_KIND, EI_CLASS, "e_ident",
			    "an ELF file, but no 32-bit little-endian one; give the firmware's");
	if (machine != EM_XTENSA && machine != EM_RISCV)
		return fail(fw, ERR_KIND, 18, "e_machine",
			    "an ELF file, but neither for Xtensa (ESP8266, ESP32) nor for RISC-V "
			    "(ESP32-C3); give the firmware's");
	if (type != ET_EXEC)
		return fail(fw, ERR_KIND, 16, "e_type",
			    type == ET_REL
				    ? "an object file; give the firmware that it is linked to"
				    : "no program; give the firmware's ELF file");
	if (fw->len < sizeof(Elf32_Ehdr))
		return fail(fw, ERR_TRUNCATED, fw->len, "header", "the file ends in it");
	return ERR_NONE;
}

/* The table of count entries must be in the file; else a note, and it is not looked at. */
static bool table_fits(struct firmware *fw, uint32_t off, uint32_t count, uint32_t size,
		       uint32_t want, uint64_t place, const char *field)
{
	if (!count)
		return false;
	if (size == want && off <= fw->len && count <= (fw->len - off) / size)
		return true;
	diag_fail_at(firmware_note(fw), size == want ? ERR_TRUNCATED : ERR_DAMAGED, place, field,
		     "%u entries of %u bytes at offset 0x%x do not fit in %zu bytes",
		     (unsigned)count, (unsigned)size, (unsigned)off, fw->len);
	return false;
}

/* Names must stay when libelf is gone: it may have read a table to a place of its own. */
static const char *in_file(const struct firmware *fw, const char *name)
{
	uintptr_t from = (uintptr_t)fw->data;

	return name && (uintptr_t)name >= from && (uintptr_t)name - from < fw->len ? name : "?";
}

/* Where the field of section header i is in the file. */
static uint64_t header_place(const struct elf_reader *r, uint32_t i, size_t field)
{
	return r->head.e_shoff + (uint64_t)i * sizeof(Elf32_Shdr) + field;
}

static const char *section_name(struct elf_reader *r, const GElf_Shdr *h)
{
	size_t names;
	const char *name = NULL;

	if (elf_getshdrstrndx(r->elf, &names) == 0)
		name = elf_strptr(r->elf, names, h->sh_name);
	return in_file(r->fw, name);
}

/* The part of size bytes at off that the file has; a note when it is not all of them. */
static uint32_t bytes_there(struct firmware *fw, uint32_t off, uint32_t size, uint64_t place,
			    const char *field)
{
	size_t left = off < fw->len ? fw->len - off : 0;

	if (size <= left)
		return size;
	diag_fail_at(firmware_note(fw), ERR_TRUNCATED, place, field,
		     "%u bytes at offset 0x%x do not fit in %zu bytes", (unsigned)size,
		     (unsigned)off, fw->len);
	return (uint32_t)left;
}

static bool add_section(struct elf_reader *r, uint32_t i, const GElf_Shdr *h)
{
	struct firmware *fw = r->fw;
	char field[40];
	struct firmware_section s = {
		.name = section_name(r, h),
		.address = (uint32_t)h->sh_addr,
		.size = (uint32_t)h->sh_size,
		.off = h->sh_offset,
		.code = h->sh_flags & SHF_EXECINSTR,
		.written = h->sh_flags & SHF_WRITE,
	};

	if (h->sh_type != SHT_NOBITS) {
		snprintf(field, sizeof(field), "section[%u].sh_size", (unsigned)i);
		s.nbytes = bytes_there(fw, (uint32_t)h->sh_offset, (uint32_t)h->sh_size,
				       header_place(r, i, offsetof(Elf32_Shdr, sh_size)), field);
		s.bytes = s.nbytes ? fw->data + h->sh_offset : NULL;
	}
	snprintf(field, sizeof(field), "section[%u].sh_addr", (unsigned)i);
	return firmware_add_section(fw, &s, header_place(r, i, offsetof(Elf32_Shdr, sh_addr)),
				    field);
}

/* A header that is in the file, and that libelf does not give all the same. */
static bool get_header(struct elf_reader *r, uint32_t i, GElf_Shdr *h)
{
	if (gelf_getshdr(elf_getscn(r->elf, i), h))
		return true;
	diag_fail_at(firmware_note(r->fw), ERR_DAMAGED, header_place(r, i, 0), "section", "%s",
		     elf_errmsg(-1));
	return false;
}

/* .tbss is the shape of what each thread gets; the next section begins at the same address. */
static bool takes_space(const GElf_Shdr *h)
{
	return h->sh_flags & SHF_ALLOC && h->sh_size &&
	       !(h->sh_type == SHT_NOBITS && h->sh_flags & SHF_TLS);
}

/* Without a table of their names, sections have none. */
static void check_names(struct elf_reader *r)
{
	GElf_Shdr h;
	size_t names = 0;

	if (r->nsections == 0 || r->head.e_shstrndx == SHN_UNDEF ||
	    (elf_getshdrstrndx(r->elf, &names) == 0 && names < r->nsections &&
	     gelf_getshdr(elf_getscn(r->elf, names), &h) && h.sh_type == SHT_STRTAB))
		return;
	diag_fail_at(firmware_note(r->fw), ERR_DAMAGED, offsetof(Elf32_Ehdr, e_shstrndx),
		     "e_shstrndx", "section %u is no table of names", r->head.e_shstrndx);
}

static bool read_sections(struct elf_reader *r)
{
	check_names(r);
	for (uint32_t i = 1; i < r->nsections; i++) {
		GElf_Shdr h;

		if (get_header(r, i, &h) && takes_space(&h) && !add_section(r, i, &h))
			return false;
	}
	return true;
}

static bool add_segment(struct elf_reader *r, uint32_t i, const GElf_Phdr *h)
{
	struct firmware *fw = r->fw;
	uint64_t place = r->head.e_phoff + (uint64_t)i * sizeof(Elf32_Phdr);
	struct firmware_section s = {
		.name = h->p_flags & PF_X ? "code" : "data",
		.address = (uint32_t)h->p_vaddr,
		.size = (uint32_t)h->p_memsz,
		.off = h->p_offset,
		.code = h->p_flags & PF_X,
		.written = h->p_flags & PF_W,
	};
	uint32_t stored = (uint32_t)(h->p_filesz < h->p_memsz ? h->p_filesz : h->p_memsz);
	char field[40];

	snprintf(field, sizeof(field), "segment[%u]", (unsigned)i);
	s.nbytes = bytes_there(fw, (uint32_t)h->p_offset, stored, place, field);
	s.bytes = s.nbytes ? fw->data + h->p_offset : NULL;
	return firmware_add_section(fw, &s, place, field);
}

/* For files without section headers: what is loaded is a section each. */
static bool read_segments(struct elf_reader *r)
{
	size_t n = 0;

	if (elf_getphdrnum(r->elf, &n))
		return true;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr h;

		if (gelf_getphdr(r->elf, (int)i, &h) && h.p_type == PT_LOAD &&
		    !add_segment(r, (uint32_t)i, &h))
			return false;
	}
	return true;
}

/* Symbols */

struct symbol_table {
	Elf_Data *symbols;
	uint32_t count;
	const char *names;
	size_t nnames;
	uint64_t off; /* in the file */
};

/* The name at off in the table of names; NULL: it is not there, or does not end. */
static const char *name_at(const struct symbol_table *t, uint32_t off)
{
	if (off >= t->nnames || !memchr(t->names + off, 0, t->nnames - off))
		return NULL;
	return t->names + off;
}

/* One note says how many names were no names. */
static void note_names(struct firmware *fw, const struct symbol_table *t, uint32_t first,
		       uint32_t bad)
{
	if (bad)
		diag_fail_at(firmware_note(fw), ERR_DAMAGED,
			     t->off + (uint64_t)first * sizeof(Elf32_Sym), "symbol.st_name",
			     "%u of %u symbols have names outside of the %zu bytes of names",
			     (unsigned)bad, (unsigned)t->count, t->nnames);
}

static bool add_source(struct firmware *fw, const char *name, uint32_t *source)
{
	struct firmware_source *s;

	*source = FIRMWARE_NONE;
	if (!name[0])
		return true;
	s = vec_grow(&fw->sources, &fw->nsources, &fw->cap.sources, sizeof(*s), 1);
	if (!s)
		return false;
	s->name = name;
	s->module = FIRMWARE_NONE;
	*source = fw->nsources - 1;
	return true;
}

/* RISC-V: where code ($x) and data ($d) begin. No names of anything. */
static bool is_mark(const GElf_Sym *sym, const char *name)
{
	return GELF_ST_TYPE(sym->st_info) == STT_NOTYPE && name[0] == '$' &&
	       (name[1] == 'x' || name[1] == 'd') && GELF_ST_BIND(sym->st_info) == STB_LOCAL;
}

static bool add_symbol(struct firmware *fw, const GElf_Sym *sym, const char *name, uint32_t source)
{
	unsigned type = GELF_ST_TYPE(sym->st_info);
	struct firmware_symbol *s;

	if (!name[0] || sym->st_shndx == SHN_UNDEF || type == STT_SECTION || is_mark(sym, name))
		return true;
	s = vec_grow(&fw->symbols, &fw->nsymbols, &fw->cap.symbols, sizeof(*s), 1);
	if (!s)
		return false;
	s->name = name;
	s->address = (uint32_t)sym->st_value;
	s->size = (uint32_t)sym->st_size;
	s->global = GELF_ST_BIND(sym->st_info) != STB_LOCAL;
	s->source = s->global ? FIRMWARE_NONE : source;
	s->module = FIRMWARE_NONE;
	s->kind = type == STT_FUNC     ? SYMBOL_FUNCTION
		  : type == STT_OBJECT ? SYMBOL_OBJECT
				       : SYMBOL_OTHER;
	s->absolute = sym->st_shndx == SHN_ABS;
	return true;
}

/* Local symbols follow the name of their file. */
static bool add_symbols(struct firmware *fw, const struct symbol_table *t)
{
	uint32_t source = FIRMWARE_NONE;
	uint32_t first_bad = 0;
	uint32_t bad = 0;

	for (uint32_t i = 1; i < t->count; i++) {
		GElf_Sym sym;
		const char *name;
		bool ok;

		if (!gelf_getsym(t->symbols, (int)i, &sym))
			break;
		name = name_at(t, sym.st_name);
		if (!name) {
			first_bad = bad++ ? first_bad : i;
			continue;
		}
		if (GELF_ST_TYPE(sym.st_info) == STT_FILE)
			ok = add_source(fw, name, &source);
		else
			ok = add_symbol(fw, &sym, name, source);
		if (!ok)
			return false;
	}
	note_names(fw, t, first_bad, bad);
	return true;
}

/* The bytes of a table; false and a note when the file does not hold them. */
static bool table_data(struct elf_reader *r, uint32_t i, GElf_Shdr *h, Elf_Data **out)
{
	Elf_Scn *scn = elf_getscn(r->elf, i);
	char field[40];

	*out = NULL;
	if (!gelf_getshdr(scn, h))
		return false;
	snprintf(field, sizeof(field), "section[%u].sh_size", (unsigned)i);
	if (h->sh_type == SHT_NOBITS ||
	    bytes_there(r->fw, (uint32_t)h->sh_offset, (uint32_t)h->sh_size,
			header_place(r, i, offsetof(Elf32_Shdr, sh_size)), field) != h->sh_size)
		return false;
	*out = elf_getdata(scn, NULL);
	if (*out && ((*out)->d_buf || !(*out)->d_size))
		return (*out)->d_size != 0;
	diag_fail_at(firmware_note(r->fw), ERR_DAMAGED, header_place(r, i, 0), field, "%s",
		     elf_errmsg(-1));
	return false;
}

static bool read_symbols(struct elf_reader *r, uint32_t i)
{
	GElf_Shdr h, strings;
	Elf_Data *symbols, *names;
	char field[40];

	if (!table_data(r, i, &h, &symbols))
		return true;
	if (h.sh_link >= r->nsections || !gelf_getshdr(elf_getscn(r->elf, h.sh_link), &strings) ||
	    strings.sh_type != SHT_STRTAB) {
		snprintf(field, sizeof(field), "section[%u].sh_link", (unsigned)i);
		diag_fail_at(firmware_note(r->fw), ERR_DAMAGED,
			     header_place(r, i, offsetof(Elf32_Shdr, sh_link)), field,
			     "section %u is no table of names", (unsigned)h.sh_link);
		return true;
	}
	if (!table_data(r, h.sh_link, &strings, &names))
		return true;
	return add_symbols(r->fw, &(struct symbol_table){
					  .symbols = symbols,
					  .count = (uint32_t)(symbols->d_size / sizeof(Elf32_Sym)),
					  .names = (const char *)r->fw->data + strings.sh_offset,
					  .nnames = names->d_size,
					  .off = h.sh_offset,
				  });
}

static bool read_all_symbols(struct elf_reader *r)
{
	for (uint32_t i = 1; i < r->nsections; i++) {
		GElf_Shdr h;

		if (gelf_getshdr(elf_getscn(r->elf, i), &h) && h.sh_type == SHT_SYMTAB)
			return read_symbols(r, i);
	}
	return true;
}

/* By the machine and by where the code is mapped. */
static enum firmware_chip chip_of(const struct firmware *fw, unsigned machine)
{
	static const enum firmware_chip xtensa[] = { CHIP_ESP8266, CHIP_ESP32, CHIP_ESP32S3,
						     CHIP_ESP32S2 };
	enum firmware_chip best = CHIP_UNKNOWN;
	uint64_t most = 0;

	if (machine == EM_RISCV)
		return CHIP_ESP32C3;
	for (size_t k = 0; k < sizeof(xtensa) / sizeof(xtensa[0]); k++) {
		uint64_t bytes = 0;

		for (uint32_t i = 0; i < fw->nsections; i++) {
			const struct firmware_section *s = &fw->sections[i];
			enum firmware_area area = firmware_area_of(xtensa[k], s->address);

			if (area != AREA_OTHER && area != AREA_ROM)
				bytes += s->size;
		}
		if (bytes > most) {
			most = bytes;
			best = xtensa[k];
		}
	}
	return best;
}

static bool read_elf(struct elf_reader *r)
{
	struct firmware *fw = r->fw;
	const GElf_Ehdr *h = gelf_getehdr(r->elf, &r->head);
	size_t n = 0;
	bool ok;

	if (!h) {
		fail(fw, ERR_DAMAGED, 0, "header", elf_errmsg(-1));
		return true;
	}
	fw->entry = (uint32_t)h->e_entry;
	if (table_fits(fw, (uint32_t)h->e_shoff, h->e_shnum, h->e_shentsize, sizeof(Elf32_Shdr),
		       offsetof(Elf32_Ehdr, e_shoff), "e_shoff") &&
	    elf_getshdrnum(r->elf, &n) == 0)
		r->nsections = (uint32_t)n;
	ok = read_sections(r);
	if (ok && !fw->nsections &&
	    table_fits(fw, (uint32_t)h->e_phoff, h->e_phnum, h->e_phentsize, sizeof(Elf32_Phdr),
		       offsetof(Elf32_Ehdr, e_phoff), "e_phoff"))
		ok = read_segments(r);
	ok = ok && read_all_symbols(r);
	fw->chip = chip_of(fw, h->e_machine);
	for (uint32_t i = 0; i < fw->nsections; i++)
		fw->sections[i].area = firmware_area_of(fw->chip, fw->sections[i].address);
	if (!fw->nsections)
		diag_fail_at(&fw->diag, ERR_DAMAGED, offsetof(Elf32_Ehdr, e_shoff), "e_shoff",
			     "no section that is loaded");
	return ok;
}

static enum err elf_load(struct firmware *fw)
{
	struct elf_reader r = { .fw = fw };
	bool ok = false;

	fw->form = FIRMWARE_ELF;
	if (check_identity(fw))
		return fw->diag.code;
	elf_version(EV_CURRENT);
	/* libelf does not write to the image of a file that it only reads */
	r.elf = elf_memory((char *)(uintptr_t)fw->data, fw->len);
	if (r.elf)
		ok = read_elf(&r);
	if (!ok)
		diag_fail(&fw->diag, ERR_MEMORY, "out of memory");
	elf_end(r.elf);
	return fw->diag.code;
}

const struct firmware_format firmware_elf = {
	.name = "ELF",
	.probe = elf_probe,
	.load = elf_load,
};
