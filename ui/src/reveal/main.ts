// Opens the page of the small window. It shares as little as possible with the main one.

import { mount } from 'svelte';
import { setTheme } from '../theme';
import '../tokens.css';
import Reveal from './Reveal.svelte';

setTheme('system');
mount(Reveal, { target: document.getElementById('app')! });
