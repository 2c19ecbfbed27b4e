import { expect, test } from 'vitest'
import { descendants } from '../../../../src/main/cli/run/descendants.js'

test('all that a process has started, at any remove, and nobody else', () => {
  const processes = [
    { pid: 1, ppid: 0 },
    { pid: 10, ppid: 1 },
    { pid: 11, ppid: 10 },
    { pid: 12, ppid: 11 },
    { pid: 13, ppid: 10 },
    { pid: 20, ppid: 1 },
  ]
  expect(descendants(10, processes)).toEqual([10, 11, 13, 12])
  expect(descendants(99, processes)).toEqual([99])
  expect(descendants(5, [{ pid: 5, ppid: 5 }])).toEqual([5])
})
