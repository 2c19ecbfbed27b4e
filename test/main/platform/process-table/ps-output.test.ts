import { expect, test } from 'vitest'
import { parsePs } from '../../../../src/main/platform/process-table/ps-output.js'

/** `LC_ALL=C TZ=UTC ps -ww -ax -o pid=,ppid=,pgid=,state=,lstart=,time=,rss=,command=` in the form that macOS gives it. */
const MACOS = `\
    1     0     1 Ss   Mon Nov  2 07:12:09 2026     12:44.10  20112 /sbin/launchd
  812   801   800 S+   Sat Nov 21 08:54:51 2026      0:01.23  98304 node /Users/ada/My Projects/shop (new)/server.js --port 3000
  813   812   800 Z+   Sat Nov 21 08:54:51 2026      0:00.00      0 (esbuild)
40121     1 40121 R    Fri Nov 20 23:59:59 2026    321:09.87 2097152 /Applications/Google Chrome.app/Contents/MacOS/Google Chrome
`

test('reads every living process of macOS', () => {
  expect(parsePs(MACOS)).toEqual([
    {
      pid: 1,
      ppid: 0,
      group: 1,
      birth: 'Mon Nov 2 07:12:09 2026',
      cpuMs: 764_100,
      rssBytes: 20_112 * 1024,
      command: '/sbin/launchd',
    },
    {
      pid: 812,
      ppid: 801,
      group: 800,
      birth: 'Sat Nov 21 08:54:51 2026',
      cpuMs: 1_230,
      rssBytes: 96 * 1024 * 1024,
      command: 'node /Users/ada/My Projects/shop (new)/server.js --port 3000',
    },
    {
      pid: 40_121,
      ppid: 1,
      group: 40_121,
      birth: 'Fri Nov 20 23:59:59 2026',
      cpuMs: 19_269_870,
      rssBytes: 2 * 1024 * 1024 * 1024,
      command: '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    },
  ])
})

test.each([
  ['00:00:07', 7_000],
  ['01:02:03', 3_723_000],
  ['2-01:02:03', 176_523_000],
  ['0:00.07', 70],
])('processor time %s is %i ms', (time, cpuMs) => {
  expect(parsePs(`7 1 7 S Sat Nov 21 08:54:51 2026 ${time} 1 x`)[0]?.cpuMs).toBe(cpuMs)
})

test('what is no row is passed over', () => {
  expect(parsePs('')).toEqual([])
  expect(parsePs('ps: illegal argument: x\nusage: ps [-AaCcEefhjlMmrSTvwXx]\n')).toEqual([])
})
