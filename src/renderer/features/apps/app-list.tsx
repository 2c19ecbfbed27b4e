import type { AppStatus } from '../../../shared/contract.js'

/** The apps with their addresses. */
export function AppList({ apps }: { apps: AppStatus[] }) {
  if (apps.length === 0) return <p>No apps yet. Add one with: portico app add shop --port 3000</p>
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">App</th>
          <th scope="col">Address</th>
          <th scope="col">Leads to</th>
        </tr>
      </thead>
      <tbody>
        {apps.map((app) => (
          <tr key={app.name}>
            <td>{app.name}</td>
            <td>
              {app.urls.map((url) => (
                <a key={url} href={`${url}/`} target="_blank" rel="noreferrer">
                  {url}
                </a>
              ))}
            </td>
            <td>{app.target}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
