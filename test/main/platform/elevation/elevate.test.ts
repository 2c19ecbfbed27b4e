import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { posixInvocation, uacArguments } from '../../../../src/main/platform/elevation/elevate.js'
import {
  literal,
  powershellScript,
  windowsArgument,
} from '../../../../src/main/platform/elevation/powershell-script.js'
import { readReport } from '../../../../src/main/platform/elevation/report.js'
import { makePlan, type Step } from '../../../../src/shared/plan.js'

const SCRIPT = "echo 'it'\n"

test.each(['sudo', 'sudo-askpass', 'sudo-silent', 'pkexec', 'already'] as const)(
  '%s gets the script on its standard input and nothing of it as a word',
  (way) => {
    const { args, stdin } = posixInvocation(way, SCRIPT)
    expect(stdin).toBe(SCRIPT)
    expect(args.slice(way === 'already' ? -1 : -2)).toEqual(way === 'already' ? ['-s'] : ['/bin/sh', '-s'])
    expect(args.join(' ')).not.toContain('echo')
  },
)

test('AppleScript gets the script as an argument, never as a part of its own text', () => {
  const { program, args, stdin } = posixInvocation('osascript', SCRIPT)
  expect(program).toBe('/usr/bin/osascript')
  expect(stdin).toBeUndefined()
  expect(args.slice(0, 6).filter((word) => word !== '-e')).toEqual([
    'on run argv',
    'do shell script (item 1 of argv) with prompt (item 2 of argv) with administrator privileges without altering line endings',
    'end run',
  ])
  expect(args[6]).toBe(SCRIPT)
})

test('UAC runs a file only while it has the content that was approved', () => {
  const script = Buffer.from('Say 1')
  const args = uacArguments("C:\\Users\\Ann O'Hara\\steps.txt", script)
  const outer = decode(args.at(-1)!)
  expect(outer).toContain('-Verb RunAs -Wait -PassThru')
  const inner = decode(/'-EncodedCommand','([A-Za-z0-9+/=]+)'/.exec(outer)![1]!)
  expect(inner).toContain("[IO.File]::ReadAllBytes('C:\\Users\\Ann O''Hara\\steps.txt')")
  expect(inner).toContain(`-ne '${createHash('sha256').update(script).digest('hex').toUpperCase()}'`)
})

test('the script for PowerShell quotes what it is given and takes back in the reverse order', () => {
  const steps: Step[] = [
    { kind: 'write-file', path: "C:\\it's\\hosts", content: "a\r\n'b' \u2019", mode: 0o644, elevated: true, why: '' },
    {
      kind: 'command',
      program: 'certutil.exe',
      args: ['-f', 'a b\\', 'say "x"'],
      elevated: true,
      why: '',
      stdin: '$x',
    },
  ]
  const script = powershellScript([makePlan('x', steps)], 'C:\\Temp\\report.txt')
  expect(script).toContain("Put 'C:\\it''s\\hosts' 'a\r\n''b'' \u2019\u2019'")
  expect(script).toContain(`Invoke-Program 'certutil.exe' '-f "a b\\\\" "say \\"x\\""' '$x'`)
  expect(script.indexOf("Restore 'C:\\it''s\\hosts' '0_0'")).toBeGreaterThan(0)
  expect(script).toContain("Tell 0 $now 'failed' $_.Exception.Message")
})

test('literals and arguments of Windows', () => {
  expect(literal("a'b")).toBe("'a''b'")
  expect(windowsArgument('plain')).toBe('plain')
  expect(windowsArgument('')).toBe('""')
  expect(windowsArgument('C:\\a b\\')).toBe('"C:\\a b\\\\"')
})

test('a report is read among other output, with any line ends, and only as far as there are such steps', () => {
  const plans = [makePlan('x', [{ kind: 'remove-file', path: '/a', elevated: true, why: '' }])]
  const output =
    'Password:\rportico\tbegin\rportico\t0\t0\tfailed\tno way\rportico\t7\t0\tdone\t\rportico\t0\t9\tdone\t\r'
  expect(readReport(output, plans)).toEqual({ begun: true, outcomes: [[{ state: 'failed', message: 'no way' }]] })
  expect(readReport('sudo: a password is required', plans)).toEqual({ begun: false, outcomes: [[undefined]] })
})

function decode(command: string): string {
  return Buffer.from(command, 'base64').toString('utf16le')
}
