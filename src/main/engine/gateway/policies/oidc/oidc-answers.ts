import type { Exchange } from '../../exchange.js'
import { GatewayFault } from '../../gateway-fault.js'
import type { RawHeaders } from '../../headers.js'
import { type Decision, refuse } from '../decision.js'

/** See other: whatever the method was, the browser goes there with GET (RFC 9110 section 15.4.4). */
export function goTo(location: string, cookies: readonly string[]): Decision {
  return {
    kind: 'answer',
    status: 303,
    headers: ['Location', location, ...NOT_KEPT, ...cookieFields(cookies)],
    body: '',
  }
}

/** For what cannot show a page to sign in at. A challenge is due (RFC 9110 section 15.5.2); browsers pass over this one. */
export function signInNeeded(app: string): Decision {
  return refuse(
    new GatewayFault('unauthorized', 401, 'You are not signed in, or no longer.', 'Load the page anew to sign in.', [
      'WWW-Authenticate',
      `Cookie realm="${app}"`,
    ]),
  )
}

/** @param cookies Set-Cookie values */
export function forbidden(message: string, hint: string, cookies: readonly string[] = []): Decision {
  return refuse(new GatewayFault('forbidden', 403, message, hint, cookieFields(cookies)))
}

export function signedOutPage(): Decision {
  return {
    kind: 'answer',
    status: 200,
    headers: ['Content-Type', 'text/html; charset=utf-8', 'Content-Security-Policy', "default-src 'none'", ...NOT_KEPT],
    body: '<!doctype html>\n<html lang="en"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>Signed out</title><h1>You are signed out.</h1><p><a href="/">Sign in again</a></p></html>\n',
  }
}

/** A page of another site has brought the browser here, or a part of a page has. */
export function isForeign(exchange: Exchange, secFetchSite: string | undefined): boolean {
  return (exchange.method !== 'GET' && exchange.method !== 'POST') || secFetchSite === 'cross-site'
}

export function cookieFields(cookies: readonly string[]): RawHeaders {
  return cookies.flatMap((cookie) => ['Set-Cookie', cookie])
}

const NOT_KEPT: RawHeaders = ['Cache-Control', 'no-store', 'Referrer-Policy', 'no-referrer']
