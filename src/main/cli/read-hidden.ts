import type { ReadStream } from 'node:tty'
import { Fault } from '../../shared/fault.js'

const ENTER = /[\r\n]/
const [INTERRUPT, END, BACKSPACE, DELETE, KILL] = ['\u0003', '\u0004', '\b', '\u007f', '\u0015']

/**
 * One line from a terminal that does not show it.
 *
 * @throws Fault when it is given up by Ctrl-C or Ctrl-D
 */
export function readHidden(terminal: ReadStream, screen: NodeJS.WritableStream, prompt: string): Promise<string> {
  screen.write(prompt)
  terminal.setRawMode(true)
  terminal.setEncoding('utf8')
  return new Promise((resolve, reject) => {
    let typed: string[] = []
    const done = (settle: () => void) => {
      terminal.off('data', read)
      terminal.setRawMode(false)
      terminal.pause()
      screen.write('\n')
      settle()
    }
    const read = (chunk: string) => {
      for (const key of chunk) {
        if (ENTER.test(key)) return done(() => resolve(typed.join('')))
        if (key === INTERRUPT || key === END) return done(() => reject(new Fault('usage', 'Nothing was done.')))
        if (key === BACKSPACE || key === DELETE) typed.pop()
        else if (key === KILL) typed = []
        else if (key >= ' ') typed.push(key)
      }
    }
    terminal.on('data', read)
    terminal.resume()
  })
}
