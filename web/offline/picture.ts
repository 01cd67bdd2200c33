import { ApiProblem } from '../api/problem.ts'

/** The longer side of a picture that is given, in pixels: a page of writing stays readable. */
const longestSide = 2_560

/**
 * A photo as it leaves the phone: drawn anew, so that place, time and device are not in it, and no larger than needed.
 * Other files are given back as they are. Throws ApiProblem `not-a-file-of-that-kind` when this browser cannot open it.
 */
export async function plainPhoto(file: File): Promise<File> {
  if (!file.type.startsWith('image/') && !/\.(jpe?g|png|webp|hei[cf])$/i.test(file.name)) return file
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => {
    const heic = /\.hei[cf]$/i.test(file.name) ? { heic: file.name } : {}
    throw new ApiProblem('not-a-file-of-that-kind', { status: 415, field: 'name', facts: { name: file.name, picture: file.name, ...heic } })
  })
  const scale = Math.min(1, longestSide / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  const pen = canvas.getContext('2d')!
  // What is transparent becomes white paper in a JPEG.
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  const drawn = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.85))
  if (!drawn) throw new ApiProblem('not-a-file-of-that-kind', { status: 415, field: 'name', facts: { name: file.name, picture: file.name } })
  return new File([drawn], `${file.name.replace(/\.[^.]*$/, '')}.jpg`, { type: 'image/jpeg' })
}
