import { type SystemGroup, type SystemSetting, systemGroupSchema } from '../../../shared/system-schemas.js'
import { Mark } from '../../components/mark.js'
import { FaultNote, Skeleton } from '../../components/states.js'
import { useChangeDialog } from '../../stores/change-dialog.js'
import { useSystem } from '../../stores/feeds.js'
import { strings } from '../../strings.js'
import { SETTING_LOOKS } from './setting-looks.js'

const text = strings.system

/** How the machine finds the hosts and permits low ports, and the buttons that change it. */
export function SystemSettings() {
  const { data, fault, refresh } = useSystem()
  return (
    <section aria-label={text.title}>
      <h2>{text.title}</h2>
      <p className="soft">{text.lead}</p>
      {data === null && fault === null && <Skeleton />}
      {data === null && fault !== null && <FaultNote fault={fault} retry={() => void refresh()} />}
      {data !== null && data.names.length === 0 && <p className="note">{text.outOfReach}</p>}
      {data !== null &&
        data.names.length > 0 &&
        systemGroupSchema.options.map((group) => <Group key={group} group={group} settings={data[group]} />)}
    </section>
  )
}

function Group({ group, settings }: { group: SystemGroup; settings: readonly SystemSetting[] }) {
  return (
    <>
      <h3>{text.groups[group]}</h3>
      {settings.length === 0 ? (
        <p className="soft">{text.unneeded}</p>
      ) : (
        <ul className="store-list setting-list" aria-label={text.groups[group]}>
          {settings.map((setting) => (
            <Setting key={setting.id} group={group} setting={setting} />
          ))}
        </ul>
      )}
    </>
  )
}

function Setting({ group, setting }: { group: SystemGroup; setting: SystemSetting }) {
  const { id, title, unfit, state, detail } = setting
  const [shape, tone] = SETTING_LOOKS[state]
  const remark = state === 'off' ? (unfit ?? detail) : detail
  const isUnfit = unfit !== null && state === 'off'
  return (
    <li>
      <span className="what">
        <span className={isUnfit ? 'faint' : undefined}>{title}</span>
        {remark !== '' && <span className="soft reason">{remark}</span>}
      </span>
      <Mark shape={shape} tone={tone}>
        {isUnfit ? text.unfit : text.states[state]}
      </Mark>
      <span className="tools">
        {state !== 'on' && unfit === null && (
          <Act group={group} id={id} title={title} action="install" renews={state === 'outdated'} />
        )}
        {state !== 'off' && <Act group={group} id={id} title={title} action="uninstall" renews={false} />}
      </span>
    </li>
  )
}

function Act({ group, id, title, action, renews }: ActProps) {
  const ask = useChangeDialog((state) => state.ask)
  const words = renews ? text.renew : text.doThis[action]
  return (
    <button
      type="button"
      className="button small"
      aria-label={`${words} ${title}`}
      onClick={() => ask({ kind: 'system', group, action, setting: id })}
    >
      {words}
    </button>
  )
}

interface ActProps {
  group: SystemGroup
  id: string
  title: string
  action: 'install' | 'uninstall'
  renews: boolean
}
