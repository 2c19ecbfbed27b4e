import { expect, test } from 'vitest'
import { parseRss, parseStat, treeOf } from '../../bench/proc.ts'

test('reads CPU time, parent and start time of a process whose name holds spaces and parentheses', () => {
  const text =
    '6783 (a) R 9 (b c) S 6773 6773 3959 0 -1 4194304 99 0 0 0 120 34 7 8 20 0 1 0 119344 3133440 376 18446744073709551615'
  expect(parseStat(text)).toEqual({ pid: 6783, parent: 6773, cpuMicros: 1_540_000, startTime: 119344 })
})

test('reads VmRSS in bytes, and 0 for a zombie, which has none', () => {
  expect(parseRss('VmHWM:\t   70000 kB\nVmRSS:\t   66900 kB\nRssAnon:\t 1 kB\n')).toBe(66900 * 1024)
  expect(parseRss('Name:\tnginx\nState:\tZ (zombie)\n')).toBe(0)
})

test('picks a process and its descendants of any depth, and no others', () => {
  const stat = (pid: number, parent: number) => ({ pid, parent, cpuMicros: 0, startTime: 0 })
  const all = [stat(1, 0), stat(10, 1), stat(11, 10), stat(12, 11), stat(20, 1), stat(21, 20)]
  expect(treeOf(10, all).map(({ pid }) => pid)).toEqual([10, 11, 12])
  expect(treeOf(99, all)).toEqual([])
})
