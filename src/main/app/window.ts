import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { app, BrowserWindow, protocol, session, shell } from 'electron'

const SCHEME = 'app'
export const APP_ORIGIN = `${SCHEME}://portico`
const RENDERER = path.join(import.meta.dirname, '../renderer')
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
const POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
])

/** Opens the window: sandboxed, isolated, on a scheme of its own, unable to navigate anywhere else. */
export async function openWindow(): Promise<void> {
  protocol.handle(SCHEME, serveRenderer)
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      if (/^https:\/\/[a-z0-9.-]+\.localhost(:\d+)?\//.test(url)) void shell.openExternal(url)
      return { action: 'deny' }
    })
  })
  const window = new BrowserWindow({
    width: 1100,
    height: 720,
    minWidth: 720,
    title: 'Portico',
    webPreferences: {
      preload: path.join(import.meta.dirname, '../preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
    },
  })
  const devServer = process.env.ELECTRON_RENDERER_URL
  await window.loadURL(!app.isPackaged && devServer !== undefined ? devServer : `${APP_ORIGIN}/index.html`)
}

async function serveRenderer(request: Request): Promise<Response> {
  const file = path.join(RENDERER, path.normalize(new URL(request.url).pathname))
  if (!file.startsWith(RENDERER + path.sep)) return new Response('not found', { status: 404 })
  try {
    const body = new Uint8Array(await readFile(file))
    return new Response(body, {
      headers: {
        'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
        'content-security-policy': POLICY,
      },
    })
  } catch {
    return new Response('not found', { status: 404 })
  }
}
