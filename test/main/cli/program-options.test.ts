import { describe, expect, test } from 'vitest'
import { splitOperands } from '../../../src/main/cli/program-options.js'

describe('what comes after two dashes', () => {
  test('is the command, and what comes before is not', () => {
    const words = ['run', 'shop', '--', 'node', '-e', '1']
    expect(splitOperands(words, ['shop', 'node', '-e', '1'], 1)).toEqual({
      before: ['shop'],
      command: ['node', '-e', '1'],
    })
    expect(splitOperands(['run', '--', 'npm', 'run', 'dev'], ['npm', 'run', 'dev'], 1)).toEqual({
      before: [],
      command: ['npm', 'run', 'dev'],
    })
  })

  test('may have dashes of its own', () => {
    const command = ['npm', 'run', 'dev', '--', '--open']
    expect(splitOperands(['run', '--', ...command], command, 1)).toEqual({ before: [], command })
  })

  test('is not guessed where the dashes are missing', () => {
    expect(() => splitOperands(['run', 'npm', 'run', 'dev'], ['npm', 'run', 'dev'], 1)).toThrow(
      expect.objectContaining({ code: 'usage', message: 'What is "run dev"?' }),
    )
  })
})
