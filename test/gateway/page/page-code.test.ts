/** What is promised of the page's code as it lies there: plain modules, nothing inline, no HTML out of texts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const PAGE = resolve(import.meta.dirname, '../../../examples/gateway/page');
const files = readdirSync(PAGE);
const textOf = (name: string): string => readFileSync(join(PAGE, name), 'utf8');
const modules = files.filter((name) => name.endsWith('.js'));

describe('the code of the page', () => {
  it('never makes HTML or code of a text', () => {
    expect(modules.length).toBeGreaterThan(20);
    for (const name of modules) {
      expect(textOf(name), name).not.toMatch(
        /innerHTML|outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|DOMParser|setHTML/,
      );
    }
  });

  it('has no script or style inline, and asks nobody but the gateway', () => {
    const html = textOf('index.html');
    expect(html).not.toMatch(/ style=| on\w+=|<style|<script(?! type="module" src="\/page\/)/);
    expect(html.match(/(?:src|href)="(?!\/page\/|#|data:)[^"]*"/g)).toBe(null);
    for (const name of files.filter((one) => one.endsWith('.css'))) expect(textOf(name), name).not.toMatch(/@import|url\(/);
  });

  it('names every file that is there, and only those', () => {
    const html = textOf('index.html');
    const styles = [...html.matchAll(/href="\/page\/([\w-]+\.css)"/g)].map(([, name]) => name);
    expect(styles.sort()).toEqual(files.filter((name) => name.endsWith('.css')).sort());
    const imported = new Set(modules.flatMap((name) => [...textOf(name).matchAll(/from '\.\/([\w-]+\.js)'/g)].map(([, one]) => one)));
    expect([...imported, 'main.js'].sort()).toEqual(modules.sort());
  });

  it('has the types that it says it has', () => {
    const config = ts.parseJsonConfigFileContent(ts.readConfigFile(join(PAGE, 'jsconfig.json'), ts.sys.readFile).config, ts.sys, PAGE);
    expect(config.fileNames).toHaveLength(modules.length);
    const problems = ts.getPreEmitDiagnostics(ts.createProgram(config.fileNames, config.options));
    expect(problems.map(({ messageText, file }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)).toEqual([]);
  }, 120_000);
});
