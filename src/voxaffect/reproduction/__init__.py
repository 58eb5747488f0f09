"""The article that this project grew from, reproduced, corrected and outdone on its own set-ups.

Reza Chu, "Speech Emotion Recognition with Convolutional Neural Network" (2019).
"""
