import { app, type Session, session, shell, type WebContents } from 'electron'
import { isPermitted, mayOpenExternally } from './trust.js'

/** What of Electron's security checklist concerns every page, whichever window it is in. */
export interface Confinement {
  /** origin of the app's own page */
  trustedOrigin: string
  /** hosts whose pages the system's browser may be sent to */
  openableHosts(): readonly string[]
}

/** Denies navigation, new windows, webviews and permissions from now on. To be called before the first window. */
export function confinePages(confinement: Confinement): void {
  denyPermissions(session.defaultSession, confinement.trustedOrigin)
  app.on('session-created', (created) => denyPermissions(created, confinement.trustedOrigin))
  app.on('web-contents-created', (_event, contents) => confine(contents, confinement))
}

function confine(contents: WebContents, { openableHosts }: Confinement): void {
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    if (mayOpenExternally(url, openableHosts())) void shell.openExternal(url)
    return { action: 'deny' }
  })
}

function denyPermissions(pages: Session, trustedOrigin: string): void {
  pages.setPermissionRequestHandler((_contents, permission, decide, { requestingUrl }) =>
    decide(isPermitted(permission, requestingUrl, trustedOrigin)),
  )
  pages.setPermissionCheckHandler((_contents, permission, origin) => isPermitted(permission, origin, trustedOrigin))
  pages.setDevicePermissionHandler(() => false)
}
