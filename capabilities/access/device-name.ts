const browsers: readonly [RegExp, string][] = [
  [/MicroMessenger/i, '微信 WeChat'],
  [/DingTalk/i, '钉钉 DingTalk'],
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/QQBrowser/i, 'QQ'],
  [/360(SE|EE)|QihooBrowser/i, '360'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS|Chromium/, 'Chrome'],
  [/Safari/, 'Safari'],
]
const systems: readonly [RegExp, string][] = [
  [/HarmonyOS|OpenHarmony/i, 'HarmonyOS'],
  [/Android/, 'Android'],
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Kylin|UOS|Linux/i, 'Linux'],
]

/** @returns a browser's own description in the words people know, such as Chrome / Windows; '' when it says nothing known */
export function deviceName(userAgent: string): string {
  const named = [browsers, systems].map((known) => known.find(([sign]) => sign.test(userAgent))?.[1])
  return named.filter(Boolean).join(' / ')
}
