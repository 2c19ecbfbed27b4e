import { useEffect, useState } from 'react'
import { Fault } from '../../../shared/fault.js'
import type { OutputLine } from '../../../shared/window-schemas.js'
import { callForMany, on } from '../../bridge.js'
import { whenConnected } from '../../stores/connection.js'
import { OutputBuffer } from './output-buffer.js'

/** A process may print thousands of lines a second; they are shown together, this often. */
const TOGETHER_MS = 60

export interface Output {
  buffer: OutputBuffer
  /** counts the states of the buffer */
  version: number
  loaded: boolean
  fault: Fault | null
}

/** What an app's process prints: what is kept of it, and each line that comes. */
export function useOutput(app: string): Output {
  const [output, setOutput] = useState<Output>(() => ({ ...EMPTY, buffer: new OutputBuffer() }))
  useEffect(() => follow(app, setOutput), [app])
  return output
}

const EMPTY = { version: 0, loaded: false, fault: null }

function follow(app: string, tell: (output: Output) => void): () => void {
  let state: Output = { ...EMPTY, buffer: new OutputBuffer() }
  let waiting: OutputLine[] = []
  let loading = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false

  function show(change: Partial<Output>): void {
    state = { ...state, ...change, version: state.version + 1 }
    if (!over) tell(state)
  }

  /** @param after 0 for everything anew, as after the engine has been away: it counts from 1 again */
  async function load(after: number): Promise<void> {
    if (loading) return
    loading = true
    try {
      const lines = await callForMany('output.list', { app, after, limit: 5_000 })
      const buffer = after === 0 ? new OutputBuffer() : state.buffer
      buffer.add(lines)
      loading = false
      show({ buffer, loaded: true, fault: null })
      take()
    } catch (error) {
      loading = false
      show({ fault: Fault.of(error) })
    }
  }

  function take(): void {
    timer = undefined
    if (loading || waiting.length === 0 || !state.loaded) return
    const lines = waiting
    waiting = []
    const first = lines.find(({ seq }) => seq > state.buffer.last)
    if (first === undefined) return
    // A window that could not keep up was left out of some events.
    if (state.buffer.last > 0 && first.seq > state.buffer.last + 1) return void load(state.buffer.last)
    state.buffer.add(lines)
    show({})
  }

  const endEvent = on('output', (event) => {
    if (event.app !== app) return
    waiting.push(...event.lines)
    if (waiting.length > 5_000) waiting = waiting.slice(-5_000)
    timer ??= setTimeout(take, TOGETHER_MS)
  })
  const endConnection = whenConnected(() => void load(0))
  return () => {
    over = true
    clearTimeout(timer)
    endEvent()
    endConnection()
  }
}
