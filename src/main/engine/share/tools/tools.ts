import type { ShareTool } from '../../../../shared/share-schemas.js'
import { cloudflared } from './cloudflared.js'
import { ngrok } from './ngrok.js'
import { tailscale } from './tailscale.js'
import type { Tool } from './tool.js'

/** In the order in which they are offered. */
export const TOOLS: readonly Tool[] = [cloudflared, ngrok, tailscale]

export function toolOf(tool: ShareTool): Tool {
  return TOOLS.find((one) => one.tool === tool) as Tool
}
