/* SPDX-License-Identifier: MIT */
/* What compilers do not make, or seldom: each a function of its own, as some end a run. */
.macro one insn:vararg
	.globl	f\@
	.type	f\@, @function
f\@:
	.begin	no-transform
	\insn
	.end	no-transform
1:	ret
	.size	f\@, . - f\@
.endm

	.text
	one rsr.sar a3
	one wsr.sar a3
	one xsr.sar a3
	one rsr.litbase a3
	one wsr.litbase a3
	one xsr.litbase a3
	one wsr.mmid a3
	one rsr.ibreakenable a3
	one wsr.ibreakenable a3
	one xsr.ibreakenable a3
	one rsr.ddr a3
	one wsr.ddr a3
	one xsr.ddr a3
	one rsr.ibreaka0 a3
	one wsr.ibreaka0 a3
	one xsr.ibreaka0 a3
	one rsr.dbreaka0 a3
	one wsr.dbreaka0 a3
	one xsr.dbreaka0 a3
	one rsr.dbreakc0 a3
	one wsr.dbreakc0 a3
	one xsr.dbreakc0 a3
	one rsr.epc1 a3
	one wsr.epc1 a3
	one xsr.epc1 a3
	one rsr.epc2 a3
	one wsr.epc2 a3
	one xsr.epc2 a3
	one rsr.epc3 a3
	one wsr.epc3 a3
	one xsr.epc3 a3
	one rsr.depc a3
	one wsr.depc a3
	one xsr.depc a3
	one rsr.eps2 a3
	one wsr.eps2 a3
	one xsr.eps2 a3
	one rsr.eps3 a3
	one wsr.eps3 a3
	one xsr.eps3 a3
	one rsr.excsave1 a3
	one wsr.excsave1 a3
	one xsr.excsave1 a3
	one rsr.excsave2 a3
	one wsr.excsave2 a3
	one xsr.excsave2 a3
	one rsr.excsave3 a3
	one wsr.excsave3 a3
	one xsr.excsave3 a3
	one rsr.interrupt a3
	one wsr.intset a3
	one wsr.intclear a3
	one rsr.intenable a3
	one wsr.intenable a3
	one xsr.intenable a3
	one rsr.ps a3
	one wsr.ps a3
	one xsr.ps a3
	one rsr.vecbase a3
	one wsr.vecbase a3
	one xsr.vecbase a3
	one rsr.exccause a3
	one wsr.exccause a3
	one xsr.exccause a3
	one rsr.debugcause a3
	one wsr.debugcause a3
	one xsr.debugcause a3
	one rsr.ccount a3
	one wsr.ccount a3
	one xsr.ccount a3
	one rsr.prid a3
	one rsr.icount a3
	one wsr.icount a3
	one xsr.icount a3
	one rsr.icountlevel a3
	one wsr.icountlevel a3
	one xsr.icountlevel a3
	one rsr.excvaddr a3
	one wsr.excvaddr a3
	one xsr.excvaddr a3
	one rsr.ccompare0 a3
	one wsr.ccompare0 a3
	one xsr.ccompare0 a3
	one ssa8b a2
	one ssa8l a2
	one ssr a3
	one ssl a4
	one ssai 7
	one ssai 17
	one rsil a2, 3
	one waiti 1
	one isync
	one rsync
	one esync
	one dsync
	one memw
	one extw
	one excw
	one syscall
	one simcall
	one break 1, 2
	one break.n 1
	one rfe
	one rfi 2
	one rfde
	one nop
	one nop.n
	one ill
	one ill.n
	one src a2, a3, a4
	one sll a2, a3
	one srl a2, a3
	one sra a2, a3
	one srai a2, a3, 17
	one srli a2, a3, 4
	one slli a2, a3, 31
	one extui a2, a3, 5, 7
	one extui a2, a3, 20, 12
	one abs a2, a3
	one neg a2, a3
	one nsa a2, a3
	one nsau a2, a3
	one mull a2, a3, a4
	one mul16u a2, a3, a4
	one mul16s a2, a3, a4
	one moveqz a2, a3, a4
	one movnez a2, a3, a4
	one movltz a2, a3, a4
	one movgez a2, a3, a4
	one addmi a2, a3, 0x7f00
	one addmi a2, a3, -0x8000
	one pdtlb a2, a3
	one rdtlb0 a2, a3
	one rdtlb1 a2, a3
	one ritlb0 a2, a3
	one ritlb1 a2, a3
	one idtlb a3
	one iitlb a3
	one witlb a2, a3
	one wdtlb a2, a3
	one pitlb a2, a3
	one bbci a2, 5, 1f
	one bbsi a2, 31, 1f
	one ball a2, a3, 1f
	one bnall a2, a3, 1f
	one bany a2, a3, 1f
	one bnone a2, a3, 1f
	one bbc a2, a3, 1f
	one bbs a2, a3, 1f
	one beqi a2, -1, 1f
	one bnei a2, 256, 1f
	one bgei a2, 10, 1f
	one blti a2, 12, 1f
	one bgeui a2, 32768, 1f
	one bltui a2, 65536, 1f
	one l16si a2, a3, 510
	one l16ui a2, a3, 2
	one s16i a2, a3, 2
	one s8i a2, a3, 255
	one l8ui a2, a3, 255
