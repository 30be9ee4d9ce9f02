"""`python -m rotation`."""

from rotation.cli.main import main

if __name__ == "__main__":
    main()
