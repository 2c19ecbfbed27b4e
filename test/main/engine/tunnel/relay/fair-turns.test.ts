import { expect, test } from 'vitest'
import { FairTurns } from '../../../../../src/main/engine/tunnel/relay/publishing/fair-turns.js'

test('who asks for little waits for one piece of work of who asks for much; each one’s is done in its order, one at a time', async () => {
  const turns = new FairTurns()
  const done: string[] = []
  let working = 0
  const work = (name: string) => async () => {
    working += 1
    expect(working).toBe(1)
    await new Promise(setImmediate)
    working -= 1
    done.push(name)
    if (name === 'a1') turns.add('c', work('c1'))
  }
  for (const name of ['a1', 'a2', 'a3', 'a4']) turns.add('a', work(name))
  for (const name of ['b1', 'b2']) turns.add('b', work(name))
  await turns.idle()
  expect(done).toEqual(['a1', 'b1', 'a2', 'c1', 'b2', 'a3', 'a4'])
})

test('what fails stops nothing; idle means that nothing is left', async () => {
  const turns = new FairTurns()
  await turns.idle()
  let done = 0
  const work = async () => {
    done += 1
  }
  turns.add('a', () => Promise.reject(new Error('no')))
  turns.add('a', work)
  await turns.idle()
  turns.add('a', work)
  await turns.idle()
  expect(done).toBe(2)
})
