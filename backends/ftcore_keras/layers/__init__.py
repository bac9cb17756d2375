"""The networks that descriptions stand for, written in keras.ops alone; what it cannot say comes from an `Engine`."""
