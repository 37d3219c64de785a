// Opens the main window's page.

import { mount } from 'svelte';
import App from './App.svelte';
import { setTheme } from './theme';
import './tokens.css';

setTheme('system');
mount(App, { target: document.getElementById('app')! });
