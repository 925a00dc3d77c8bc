/* SPDX-License-Identifier: MIT */
/* Where the LFS region is: by the user, by the partition table, or by a search at pages. */
#include <inttypes.h>

#include "common/base/rd.h"
#include "common/firmware/flash_map.h"
#include "common/lua/flash51.h"
#include "common/lua/flash53.h"
#include "common/lua/format.h"
#include "common/lua/lfs51.h"

enum {
	PAGE = PARTITION_PAGE,
	PAGE32 = 0x10000,        /* the ESP32 maps flash in pieces of this */
	IROM0_CHUNK = 0x2000,    /* the first start rounds sizes up to this */
	HEAD = 52,               /* bytes that a header of either version is told by */
	BUDGET = 64 << 20,       /* bytes of images that a search reads */
	MAPPED_MIN = 0x3c000000, /* data of flash, on any chip of the family */
	MAPPED_MAX = 0x50000000,
};

static bool is_power(uint32_t n)
{
	return n && (n & (n - 1)) == 0;
}

static bool head51(const uint8_t *p, uint32_t size, uint32_t *base)
{
	uint32_t main = le32(p + HEADER51_MAIN);
	uint32_t buckets = le32(p + 20);

	*base = le32(p + HEADER51_HASH) - FLASH51_HEADER;
	return lfs51_is_absolute(p, FLASH51_HEADER) && main - *base < size && is_power(buckets) &&
	       buckets < size / 4 && le64(p + HEADER51_ZEROS) == 0;
}

static bool head53(const uint8_t *p, uint32_t size, uint32_t *base)
{
	uint32_t buckets = le32(p + 20);
	uint32_t hash = le32(p + 24);
	uint32_t rotable = le32(p + 28);

	*base = le32(p + FLASH53_HEADER);
	return is_power(buckets) && buckets < size / 4 && hash < size / 4 && rotable < size / 4;
}

bool flash_is_lfs(const uint8_t *data, size_t len, uint32_t *size, uint32_t *base)
{
	bool is51, is53;

	if (len < HEAD)
		return false;
	is51 = lfs51_is_signature(le32(data));
	is53 = (le32(data) & 0xfffffff0) == FLASH53_SIG;
	*size = le32(data + 4);
	if ((!is51 && !is53) || *size < HEAD || *size > LUA_FLASH_MAX || *size % 4)
		return false;
	if (is51 ? !head51(data, *size, base) : !head53(data, *size, base))
		return false;
	return *base >= MAPPED_MIN && *base < MAPPED_MAX && *base % 4 == 0;
}

/* What stands in the region, as far as a glance tells. */
static void look(const struct firmware *fw, struct flash_lfs *lfs)
{
	const struct flash_map *m = fw->flash;
	uint64_t left;
	size_t n;

	lfs->base = m->esp32 ? 0 : FLASH_MAPPED + lfs->address;
	lfs->off = lfs->address - m->start;
	if (lfs->address < m->start || lfs->off >= fw->len) {
		lfs->state = FLASH_LFS_MISSING;
		return;
	}
	left = fw->len - lfs->off;
	if (flash_is_lfs(fw->data + lfs->off, (size_t)left, &lfs->image, &lfs->made_for)) {
		lfs->present = left < lfs->image ? (uint32_t)left : lfs->image;
		lfs->state = lfs->present < lfs->image ? FLASH_LFS_CUT : FLASH_LFS_IMAGE;
		return;
	}
	lfs->image = 0;
	lfs->made_for = 0;
	lfs->state = left < HEAD ? FLASH_LFS_CUT : FLASH_LFS_ERASED;
	for (n = 0; n < left && n < HEAD; n++)
		if (fw->data[lfs->off + n] != 0xff)
			lfs->state = left < HEAD ? FLASH_LFS_CUT : FLASH_LFS_OTHER;
}

bool flash_lfs_in_place(const struct firmware *fw, const struct flash_lfs *lfs)
{
	if (fw->flash->piece)
		return true;
	if (fw->flash->esp32)
		return (lfs->made_for - lfs->address) % PAGE32 == 0;
	return lfs->made_for == lfs->base;
}

static struct flash_lfs *add(struct firmware *fw, const struct flash_lfs *lfs)
{
	struct flash_map *m = fw->flash;

	if (m->nlfs == FLASH_LFS_MAX)
		return NULL;
	m->lfs[m->nlfs] = *lfs;
	return &m->lfs[m->nlfs++];
}

static void note_place(struct firmware *fw, const struct flash_lfs *lfs)
{
	if (lfs->image && !flash_lfs_in_place(fw, lfs))
		diag_fail_at(firmware_note(fw), ERR_DAMAGED, lfs->off, "LFS",
			     "its addresses are for 0x%" PRIx32 ", but it stands at flash address "
			     "0x%" PRIx32,
			     lfs->made_for, lfs->address);
	if (lfs->image && lfs->size && lfs->image > lfs->size)
		diag_fail_at(firmware_note(fw), ERR_DAMAGED, lfs->off + 4, "LFS.flash_size",
			     "%" PRIu32 " bytes, the region has %" PRIu32, lfs->image, lfs->size);
}

/* A table as built has no address for LFS0: the first start puts it behind the flash code. */
static uint32_t first_address(const struct partition_table *t)
{
	uint32_t used = t->irom0_end - FLASH_MAPPED - PARTITION_AT;

	return PARTITION_AT + (used + IROM0_CHUNK - 1) / IROM0_CHUNK * IROM0_CHUNK;
}

static void locate_item(struct firmware *fw, uint32_t item)
{
	const struct partition_table *t = &fw->flash->table;
	struct flash_lfs lfs = { .how = FLASH_BY_TABLE };

	if (item == t->count || t->items[item].size == 0)
		return;
	lfs.address = t->items[item].address;
	lfs.size = t->items[item].size;
	if (lfs.address == 0 && t->fresh)
		lfs.address = first_address(t);
	if (lfs.address == 0)
		return;
	look(fw, &lfs);
	note_place(fw, &lfs);
	add(fw, &lfs);
}

static bool reads_well(struct firmware *fw, const struct flash_lfs *lfs)
{
	struct lua_image *img = NULL;
	struct diag diag = { 0 };
	bool good = lua_image_load(fw->data + lfs->off, lfs->present, &diag, &img) == ERR_NONE;

	lua_image_free(img);
	if (diag.code == ERR_MEMORY)
		diag_fail(&fw->diag, ERR_MEMORY, "out of memory");
	return good || (lfs->state == FLASH_LFS_CUT && flash_lfs_in_place(fw, lfs));
}

/* The region with an image that a flash address is in; NULL: none. */
static const struct flash_lfs *region_at(const struct flash_map *m, uint32_t address)
{
	for (uint32_t i = 0; i < m->nlfs; i++) {
		const struct flash_lfs *r = &m->lfs[i];
		uint32_t size = r->size > r->image ? r->size : r->image;

		if (r->image && address >= r->address && address - r->address < size)
			return r;
	}
	return NULL;
}

/* Images at pages outside of the regions. Beside that of a region they are what an earlier firmware
 * left there: no fault. */
static void search(struct firmware *fw, bool rest)
{
	const struct flash_map *m = fw->flash;
	uint64_t spent = 0;

	for (uint64_t at = 0; at < fw->len && spent < BUDGET; at += PAGE) {
		struct flash_lfs lfs = { .how = FLASH_BY_SEARCH,
					 .address = m->start + (uint32_t)at };

		if (region_at(m, lfs.address))
			continue;
		look(fw, &lfs);
		if (!lfs.image)
			continue;
		spent += lfs.present;
		if (!reads_well(fw, &lfs))
			continue;
		if (!rest)
			note_place(fw, &lfs);
		if (!add(fw, &lfs))
			break;
		at += lfs.present - lfs.present % PAGE;
	}
}

void flash_locate(struct firmware *fw)
{
	const struct flash_map *m = fw->flash;
	uint32_t type = m->esp32 ? PARTITION_LFS32 : PARTITION_LFS0;
	bool found = false;

	locate_item(fw, partition_find(&m->table, type, 1));
	locate_item(fw, partition_find(&m->table, m->esp32 ? type : PARTITION_LFS1, 2));
	for (uint32_t i = 0; i < m->nlfs; i++)
		found |= m->lfs[i].image != 0;
	search(fw, found);
}

const char *flash_how_words(enum flash_how how)
{
	static const char *const words[] = { "by the table", "by its header", "as given" };

	return words[how];
}

const char *flash_state_words(enum flash_state state)
{
	switch (state) {
	case FLASH_LFS_IMAGE: return "an image";
	case FLASH_LFS_CUT: return "cut off";
	case FLASH_LFS_ERASED: return "erased";
	case FLASH_LFS_OTHER: return "no LFS image";
	case FLASH_LFS_MISSING: break;
	}
	return "not in the file";
}

static enum err find_given(const struct firmware *fw, uint32_t address, uint32_t size,
			   struct diag *diag, struct flash_lfs *out)
{
	bool mapped = !fw->flash->esp32 && address >= FLASH_MAPPED;

	*out = (struct flash_lfs){ .how = FLASH_BY_USER, .size = size };
	out->address = mapped ? address - FLASH_MAPPED : address;
	look(fw, out);
	if (out->image)
		return ERR_NONE;
	return diag_fail_at(diag, out->state == FLASH_LFS_CUT ? ERR_TRUNCATED : ERR_KIND, out->off,
			    "LFS", "flash address 0x%" PRIx32 ": %s", out->address,
			    flash_state_words(out->state));
}

enum err flash_find_lfs(const struct firmware *fw, uint32_t address, uint32_t size,
			struct diag *diag, struct flash_lfs *out)
{
	const struct flash_map *m = fw->flash;

	*out = (struct flash_lfs){ 0 };
	if (fw->diag.code == ERR_MEMORY || fw->diag.code == ERR_KIND)
		return diag_fail(diag, fw->diag.code, "%s", fw->diag.text);
	if (!m)
		return diag_fail(diag, ERR_KIND, "an ELF file holds no LFS region");
	if (address)
		return find_given(fw, address, size, diag, out);
	for (uint32_t i = 0; i < m->nlfs; i++) {
		if (!m->lfs[i].image)
			continue;
		*out = m->lfs[i];
		out->size = size ? size : out->size;
		return ERR_NONE;
	}
	if (m->nlfs == 0 && m->table_cut)
		return diag_fail(diag, ERR_TRUNCATED,
				 "the partition table is not in the file, nor what is behind it");
	if (m->nlfs == 0)
		return diag_fail(diag, ERR_KIND,
				 "no LFS region in the partition table and no image at any page");
	*out = m->lfs[0];
	return diag_fail_at(diag, ERR_KIND, out->off, "LFS",
			    "the region at flash address 0x%" PRIx32 ": %s", out->address,
			    flash_state_words(out->state));
}
