import type { RewriteSettings } from '../../../../../shared/policies/content-schemas.js'
import type { Exchange } from '../../exchange.js'
import { removeField } from '../../field-edits.js'
import { isGrpcCall } from '../../grpc/grpc-request.js'
import { CONTINUE, type Decision } from '../decision.js'
import type { Policy } from '../policy.js'
import { fieldEditor } from './edit-fields.js'
import type { Snippets } from './html-injector.js'
import { InjectedReply } from './injected-reply.js'
import { targetRewriter } from './rewrite-target.js'
import { splitter } from './split.js'
import { answerToolbar, TOOLBAR_PATH, TOOLBAR_TAG } from './toolbar.js'

/** Changes requests on their way to the backend, and answers on their way back. */
export function makeRewrite(settings: RewriteSettings): Policy {
  const { request, response, inject, split } = settings
  const rewrite = settings.path === undefined && settings.query === undefined ? null : targetRewriter(settings)
  const editRequest = request === undefined ? null : fieldEditor(request)
  const editResponse = response === undefined ? null : fieldEditor(response)
  const spread = split === undefined ? null : splitter(split)
  const snippets = inject === undefined ? null : snippetsOf(inject)
  return {
    decide: (exchange) => {
      if (inject?.toolbar === true && exchange.pathname === TOOLBAR_PATH) return answerToolbar(exchange)
      if (rewrite !== null)
        exchange.sentTarget = rewrite(exchange.sentTarget, !isGrpcCall(exchange.method, exchange.headers))
      spread?.(exchange)
      if (editRequest !== null) exchange.editRequest((headers) => edited(headers, editRequest, exchange))
      if (editResponse !== null) {
        exchange.editAnswer((headers) => editResponse(headers, exchange, exchange.reply.lowerCaseNames))
      }
      if (snippets === null || exchange.protocol.endsWith('websocket')) return CONTINUE
      return injectInto(exchange, snippets)
    },
  }
}

function snippetsOf({ head = '', body = '', toolbar = false }: NonNullable<RewriteSettings['inject']>): Snippets {
  return { head: toolbar ? head + TOOLBAR_TAG : head, body }
}

function edited(headers: string[], edit: ReturnType<typeof fieldEditor>, exchange: Exchange): string[] {
  edit(headers, exchange, false)
  return headers
}

/** The page must come as it is to be read: whole, and without a coding that the client alone could undo. */
async function injectInto(exchange: Exchange, snippets: Snippets): Promise<Decision> {
  const { HtmlInjector } = await import('./html-injector.js')
  exchange.editRequest((headers) => {
    removeField(headers, 'accept-encoding')
    headers.push('Accept-Encoding', 'identity')
    return headers
  })
  exchange.through((next) => new InjectedReply(next, exchange, () => new HtmlInjector(snippets)))
  return CONTINUE
}
