// Dark or light: the system's wish, unless the user chose. Only this choice is kept between visits.

export type Theme = 'dark' | 'light';
const kKey = 'portcullis-theme';

export function currentTheme(): Theme {
  const chosen = localStorage.getItem(kKey);
  if (chosen === 'dark' || chosen === 'light') return chosen;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

export function applyTheme(theme: Theme = currentTheme()): void {
  document.documentElement.dataset.theme = theme;
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(kKey, theme);
  applyTheme(theme);
}
