mod healing;
