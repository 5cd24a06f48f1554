"""`python -m gazebench` and the console script."""

from gazebench.cli.app import main

if __name__ == "__main__":
    main()
