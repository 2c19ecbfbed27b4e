import { expect, test, vi } from 'vitest'
import { commandLineWords } from '../../../src/main/app/command-line.js'

vi.mock('electron', () => ({ app: {}, utilityProcess: {} }))

test.each([
  [['/opt/Portico/portico-desktop'], null],
  [['/opt/Portico/portico-desktop', '--hidden'], null],
  [['/opt/Portico/portico-desktop', 'portico://open/shop'], null],
  [
    ['/opt/Portico/portico-desktop', '--ozone-platform=headless', '--cli', '--', 'status', '--json'],
    ['status', '--json'],
  ],
  [
    ['Portico', '--cli', '--', 'run', '--', 'npm', 'start'],
    ['run', '--', 'npm', 'start'],
  ],
  [['Portico', '--cli', 'status'], ['status']],
  [['Portico', '--cli', '--'], []],
])('%j is the command line %j', (argv, words) => {
  expect(commandLineWords(argv)).toEqual(words)
})
