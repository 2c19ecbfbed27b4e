import { Modal } from '../../components/modal.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'

const text = strings.shortcuts
const MODIFIER = /Mac/.test(navigator.userAgent) ? '⌘' : 'Ctrl'

const KEYS: [keys: string[], what: string][] = [
  [[MODIFIER, 'K'], text.palette],
  [['/'], text.filter],
  [['j', 'k'], text.move],
  [['Esc'], text.close],
  [['n'], text.add],
  [['s'], text.share],
  [['p'], text.pause],
  [['1', '…', '8'], text.screens],
  [['?'], text.help],
]

/** The list of keys. */
export function Shortcuts() {
  const { show } = useUi()
  return (
    <Modal label={strings.palette.shortcuts} onClose={() => show(null)}>
      <header>
        <h1>{strings.palette.shortcuts}</h1>
      </header>
      <div className="content">
        <dl className="shortcuts">
          {KEYS.flatMap(([keys, what]) => [
            <dt key={what}>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>,
            <dd key={`${what} text`}>{what}</dd>,
          ])}
        </dl>
      </div>
      <footer>
        <button type="button" className="button push" onClick={() => show(null)}>
          {strings.actions.close}
        </button>
      </footer>
    </Modal>
  )
}
