import { Notification } from 'electron'
import type { BackendStatus } from '../../shared/window-schemas.js'
import { backendNotices, type Notice } from './backend-changes.js'
import type { EngineClient } from './engine-client.js'
import type { EngineFacts } from './engine-facts.js'
import { ProcessNews } from './process-changes.js'

/** Shows a native notification, where the system has them. */
export function notify({ title, body }: Notice, onClick: () => void): void {
  if (!Notification.isSupported()) return
  const notification = new Notification({ title, body })
  notification.on('click', onClick)
  notification.show()
}

/** Tells of apps that go down and come back, and of an engine that cannot serve, once for each reason. */
export function notifyOfTrouble(engine: EngineClient, facts: EngineFacts, onClick: () => void): void {
  let before: readonly BackendStatus[] | null = null
  const processes = new ProcessNews()
  facts.onChange((what) => {
    const news = what === 'processes' ? processes.look(facts.processes) : []
    if (what === 'backends') {
      news.push(...backendNotices(before, facts.backends))
      before = facts.backends
    }
    for (const notice of news) notify(notice, onClick)
  })
  let told: string | null = null
  engine.onState(({ state, reason }) => {
    if (state === 'running' || state === 'stopped') told = null
    if (state !== 'failed' || reason === null || reason.message === told) return
    told = reason.message
    notify({ title: 'Portico is not serving', body: [reason.message, reason.hint].join(' ').trim() }, onClick)
  })
}
