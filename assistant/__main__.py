"""`python -m assistant` is `judian`."""

from assistant.cli import main

if __name__ == "__main__":
    main()
