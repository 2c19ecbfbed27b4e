import { agentMessageSchema } from '../control-messages.js'
import type { AgentLink } from './agent-link.js'

/** Answers what an agent asks for: this relay publishes nothing by name. What it does not know it passes over. */
export function answerAgent(link: AgentLink, message: unknown): void {
  const parsed = agentMessageSchema.safeParse(message)
  if (!parsed.success) return
  const { type, name } = parsed.data
  if (type === 'publish')
    link.control({ type: 'refused', name, reason: 'This relay has no domain to publish apps in.' })
}
