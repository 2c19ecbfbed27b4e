import { expect, test, vi } from 'vitest'
import { endingWithPortico, ProcessNews } from '../../../src/main/app/process-changes.js'
import { quitQuestion } from '../../../src/main/app/quit-question.js'
import type { ProcessState, ProcessStatus } from '../../../src/shared/window-schemas.js'

vi.mock('electron', () => ({ dialog: {} }))

function process(state: ProcessState, app = 'shop', reason: string | null = null): ProcessStatus {
  return {
    ...{ app, state, reason, pid: 1, port: 9, restarts: 0, exit: null, detached: false },
    ...{ waitingFor: null, startedAt: null, nextStartAt: null, command: 'npm run dev', cpu: null, memory: null },
  }
}

test('a process that goes down and is given up is told with the reasons, and so is that it runs again', () => {
  const news = new ProcessNews()
  expect(news.look([process('running')])).toEqual([])
  const crashed = process('backing-off', 'shop', 'It ended with code 1.')
  expect(news.look([crashed])).toEqual([{ title: 'shop has crashed', body: 'It ended with code 1.' }])
  expect(news.look([process('starting')])).toEqual([])
  expect(news.look([crashed])).toEqual([])
  const failed = process('failed', 'shop', 'It crashed 10 times in a row.')
  expect(news.look([failed])).toEqual([{ title: 'shop has failed', body: 'It crashed 10 times in a row.' }])
  expect(news.look([failed])).toEqual([])
  expect(news.look([process('starting')])).toEqual([])
  expect(news.look([process('running')])).toEqual([{ title: 'shop runs again', body: 'Its process is ready.' }])
  expect(news.look([process('running')])).toEqual([])
})

test('what had failed at the first look is no news, and neither is a start after a stop', () => {
  const news = new ProcessNews()
  expect(news.look([process('failed')])).toEqual([])
  expect(news.look([process('stopped')])).toEqual([])
  expect(news.look([process('running')])).toEqual([])
})

test('quitting ends the processes that are alive, and names them', () => {
  const processes = [process('running', 'shop'), process('stopped', 'docs'), process('backing-off', 'api')]
  expect(endingWithPortico(processes)).toEqual(['shop', 'api'])
  expect(quitQuestion(['shop']).detail).toBe('shop runs under Portico and ends with it.')
  expect(quitQuestion(['a', 'b', 'c', 'd', 'e', 'f', 'g']).detail).toBe(
    'a, b, c, d, e and 2 more run under Portico and end with it.',
  )
})
