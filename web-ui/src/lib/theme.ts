// Dark or light: as the system has it, until the reader chooses.
import { useEffect, useState } from "preact/hooks";

export type Theme = "system" | "light" | "dark";

const KEY = "starling-theme";

function stored(): Theme {
  const theme = localStorage.getItem(KEY);
  return theme === "light" || theme === "dark" ? theme : "system";
}

function isDark(theme: Theme): boolean {
  return theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
}

export function useTheme(): { dark: boolean; toggle: () => void } {
  const [theme, setTheme] = useState(stored);
  const [dark, setDark] = useState(() => isDark(theme));
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      setDark(isDark(theme));
      document.documentElement.dataset["theme"] = isDark(theme) ? "dark" : "light";
    };
    apply();
    system.addEventListener("change", apply);
    return () => system.removeEventListener("change", apply);
  }, [theme]);
  const toggle = () => {
    const next: Theme = dark ? "light" : "dark";
    localStorage.setItem(KEY, next);
    setTheme(next);
  };
  return { dark, toggle };
}
