import { Notification } from 'electron'
import type { EngineClient } from './engine-client.js'

export interface Notice {
  title: string
  body: string
}

/** Shows a native notification, where the system has them. */
export function notify({ title, body }: Notice, onClick: () => void): void {
  if (!Notification.isSupported()) return
  const notification = new Notification({ title, body })
  notification.on('click', onClick)
  notification.show()
}

/** Tells of an engine that cannot serve, once for each reason. */
export function notifyOfTrouble(engine: EngineClient, onClick: () => void): void {
  let told: string | null = null
  engine.onState(({ state, reason }) => {
    if (state === 'running' || state === 'stopped') told = null
    if (state !== 'failed' || reason === null || reason.message === told) return
    told = reason.message
    notify({ title: 'Portico is not serving', body: [reason.message, reason.hint].join(' ').trim() }, onClick)
  })
}
