import { useEffect } from 'react'
import { create } from 'zustand'
import type { CommandName, CommandParams, CommandResult, EventName, EventPayload } from '../../shared/contract.js'
import { Fault } from '../../shared/fault.js'
import { call, on } from '../bridge.js'
import { whenConnected } from './connection.js'

export interface FeedState<T> {
  /** null until the first answer; kept while disconnected */
  data: T | null
  fault: Fault | null
}

/**
 * A hook to what a command answers, kept fresh by the event that tells of its changes. The engine is asked and
 * subscribed to only while a component uses it.
 *
 * @param event an event whose payload is of the command's result type; null when there is none
 * @param sign an event after which the command may answer otherwise
 */
export function createFeed<C extends CommandName, E extends EventName>(
  command: C,
  event: (EventPayload<E> extends CommandResult<C> ? E : never) | null,
  sign?: EventName,
) {
  type Data = CommandResult<C>
  const useStore = create<FeedState<Data>>(() => ({ data: null, fault: null }))
  let users = 0
  let release = () => {}

  async function refresh(): Promise<void> {
    try {
      useStore.setState({ data: await call(command, {} as CommandParams<C>), fault: null })
    } catch (error) {
      useStore.setState({ fault: Fault.of(error) })
    }
  }

  function use(): () => void {
    if (users++ === 0) {
      const endEvent =
        event === null ? () => {} : on(event, (data) => useStore.setState({ data: data as Data, fault: null }))
      const endSign = sign === undefined ? () => {} : on(sign, () => void refresh())
      const endConnection = whenConnected(() => void refresh())
      release = () => {
        endEvent()
        endSign()
        endConnection()
      }
    }
    return () => {
      if (--users === 0) release()
    }
  }

  function useFeed(): FeedState<Data> & { refresh(): Promise<void> } {
    useEffect(use, [])
    return { ...useStore(), refresh }
  }
  return useFeed
}
