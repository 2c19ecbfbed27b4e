import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { exportLine } from '../../../src/main/cli/shell-exports.js'

const VALUE = "/home/ann o'hara/$x `y`/ca.pem"

test('sh reads back what was exported', () => {
  const script = `${exportLine('sh', 'A', VALUE)}\nprintf %s "$A"`
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(VALUE)
})

test('the lines of other shells', () => {
  expect(exportLine('fish', 'A', "it's \\ $x")).toBe("set -gx A 'it\\'s \\\\ $x'")
  expect(exportLine('powershell', 'A', "C:\\it's $x")).toBe("$env:A = 'C:\\it''s $x'")
  expect(exportLine('cmd', 'A', 'C:\\a b')).toBe('set "A=C:\\a b"')
})
