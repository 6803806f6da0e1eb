/** Where the page begins. */
import { render } from 'preact';
import { App } from './app.tsx';

const page = document.getElementById('page');
if (page === null) throw new Error('the page has no place for the dashboard');
render(<App />, page);
