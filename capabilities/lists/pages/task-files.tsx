/** Photos and documents that hang on a task, to be taken along. */
export function TaskFiles({ files }: { files: readonly { id: string; name: string }[] }) {
  if (files.length === 0) return null
  return <ul className="row plain-list">{files.map((file) => <li key={file.id}><a href={`/api/lists/files/${file.id}`} download>{file.name}</a></li>)}</ul>
}
