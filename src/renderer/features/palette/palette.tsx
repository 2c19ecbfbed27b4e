import { useEffect, useRef, useState } from 'react'
import { Modal } from '../../components/modal.js'
import { useProcesses, useStatus } from '../../stores/feeds.js'
import { useShares } from '../../stores/share.js'
import { useTunnels } from '../../stores/tunnels.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { findCommands, type PaletteCommand, paletteCommands } from './palette-commands.js'

const text = strings.palette

/** Every command and every app, by typing a part of its name. */
export function Palette() {
  const { show } = useUi()
  const apps = useStatus().data?.apps ?? []
  const processes = useProcesses().data ?? []
  const shares = useShares().data ?? []
  const tunnels = useTunnels().data ?? []
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const list = useRef<HTMLUListElement>(null)
  const found = findCommands(paletteCommands(apps, processes, shares, tunnels), typed)
  const active = Math.min(at, found.length - 1)

  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [active])

  function run(command: PaletteCommand | undefined): void {
    if (command === undefined) return
    show(null)
    command.run()
  }

  return (
    <Modal label={text.label} className="palette" onClose={() => show(null)}>
      <input
        className="input"
        data-first
        aria-label={text.placeholder}
        placeholder={text.placeholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
          if (step !== undefined) {
            event.preventDefault()
            setAt((active + step + found.length) % Math.max(1, found.length))
          }
          if (event.key === 'Enter') {
            // The rest of this key press would fall to the form that may open now, and submit it.
            event.preventDefault()
            run(found[active])
          }
        }}
      />
      <ul ref={list} className="palette-list">
        {found.map((command, index) => (
          <li key={command.label}>
            <button
              type="button"
              className="palette-item"
              tabIndex={-1}
              aria-current={index === active}
              onPointerMove={() => setAt(index)}
              onClick={() => run(command)}
            >
              {command.label}
            </button>
          </li>
        ))}
        {found.length === 0 && <li className="soft palette-none">{text.none}</li>}
      </ul>
      <output className="hidden-text">{found[active]?.label ?? text.none}</output>
    </Modal>
  )
}
