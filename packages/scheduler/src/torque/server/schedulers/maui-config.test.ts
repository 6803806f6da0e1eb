import { expect, test } from 'vitest';
import { checkMauiConfig } from './maui-config.ts';

test('as it is installed Maui sets jobs aside for an hour and looks every 30 s', () => {
  const advice = checkMauiConfig(
    'SERVERHOST head\nADMIN1                root\nRMPOLLINTERVAL        00:00:30\n',
    'torque',
  );
  expect(advice.map(({ ok, remedy }) => [ok, remedy])).toEqual([
    [false, 'DEFERTIME 0'],
    [false, 'RMPOLLINTERVAL 00:00:10'],
    [false, 'ADMIN1 root torque'],
  ]);
  expect(advice[0]?.found).toContain('not set (3600 s)');
});

test('what is right gets no remedy', () => {
  const text = '# mine\ndefertime 0\nRMPOLLINTERVAL 5 # seconds\nADMIN1 root, torque\n';
  expect(checkMauiConfig(text, 'torque').every(({ ok, remedy }) => ok && remedy === null)).toBe(true);
});
