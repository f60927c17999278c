"""Between spoken and written words: recognisers' mistakes mended, numbers said as words."""
